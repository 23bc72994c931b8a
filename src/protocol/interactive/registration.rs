//! The events and prompts that a client requests (MS-WSMV 2.2.10).

use super::MessageChannel;
use crate::protocol::WsmanOption;

/// The events and prompts that the server sends while an operation runs.
///
/// The server sends only what the client requests. Servers without callbacks, such as OMI and
/// openwsman, ignore the request. Read the callbacks with
/// [`Operation::callbacks`](crate::Operation::callbacks).
///
/// ```
/// use wsman::callback::{ErrorMode, MessageChannel};
/// use wsman::Callbacks;
/// let wanted = Callbacks::new()
///     .channel(MessageChannel::Warning)
///     .progress()
///     .errors(ErrorMode::Report);
/// assert_ne!(wanted, Callbacks::all());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Callbacks {
    channels: [bool; 3],
    progress: bool,
    parameters: bool,
    errors: Option<ErrorMode>,
    prompts: Option<PromptMode>,
}

/// Whether a provider waits for the caller after a non-terminating error
/// (`MI_OperationOptions_SetWriteErrorMode`).
///
/// Exhaustive: the protocol defines no other mode (MS-WSMV 2.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorMode {
    /// The server reports errors, and the provider decides whether to continue
    /// (`MI_CALLBACKMODE_REPORT`).
    Report = 0,
    /// The caller decides at each error (`MI_CALLBACKMODE_INQUIRE`).
    Inquire = 1,
}

/// How the prompts of a provider are answered (`MI_OperationOptions_SetPromptUserMode` and
/// `SetPromptUserRegularMode`).
///
/// Exhaustive: the protocol defines no other mode (MS-WSMV 2.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PromptMode {
    /// The caller answers (`MI_CALLBACKMODE_INQUIRE`).
    Inquire,
    /// The server reports prompts to the caller and does not wait (`MI_CALLBACKMODE_REPORT`).
    Report,
    /// The server answers Yes, except to critical prompts (`MI_CALLBACKMODE_IGNORE`).
    AnswerYes,
    /// The server answers No, except to critical prompts (`MI_CALLBACKMODE_IGNORE`).
    AnswerNo,
}

/// The options follow captures of a Windows MI client, and the others follow the same pattern. MS-WSMV
/// writes them in two other ways.
const REGISTRATION: &str = "__MI_CallbackRegistration";
const CHANNEL: &str = "wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE";
const ERROR_MODE: &str = "wmi:__MI_OPERATIONOPTIONS_WRITEERRORMODE";
const PROMPT_MODE: &str = "wmi:__MI_OPERATIONOPTIONS_PROMPTUSERMODE";
const PROMPT_ANSWER: &str = "wmi:__MI_OPERATIONOPTIONS_PROMPTUSERMODEREGULAR_ACKVALUE";

/// The bits of [`REGISTRATION`].
const MESSAGES_BIT: u32 = 0x1;
const ERRORS_BIT: u32 = 0x2;
const PARAMETERS_BIT: u32 = 0x4;
const PROGRESS_BIT: u32 = 0x8;
const PROMPTS_BIT: u32 = 0x10;

impl Callbacks {
    /// Requests nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests everything; the caller answers each error and prompt.
    pub fn all() -> Self {
        Self::new()
            .messages()
            .progress()
            .parameters()
            .errors(ErrorMode::Inquire)
            .prompts(PromptMode::Inquire)
    }

    /// Requests the messages of every channel (`writeMessage`).
    pub fn messages(mut self) -> Self {
        self.channels = [true; 3];
        self
    }

    /// Requests the messages of one more channel (`MI_OperationOptions_EnableChannel`).
    pub fn channel(mut self, channel: MessageChannel) -> Self {
        if let Some(wanted) = self.channels.get_mut(channel as usize) {
            *wanted = true;
        }
        self
    }

    /// Requests progress reports (`writeProgress`).
    pub fn progress(mut self) -> Self {
        self.progress = true;
        self
    }

    /// Requests output parameters that a method returns piece by piece (`streamedParameterResult`).
    pub fn parameters(mut self) -> Self {
        self.parameters = true;
        self
    }

    /// Requests non-terminating errors (`writeError`).
    pub fn errors(mut self, mode: ErrorMode) -> Self {
        self.errors = Some(mode);
        self
    }

    /// Requests the prompts of the provider (`promptUser`).
    pub fn prompts(mut self, mode: PromptMode) -> Self {
        self.prompts = Some(mode);
        self
    }

    pub(crate) fn has_channel(&self, channel: MessageChannel) -> bool {
        self.channels.get(channel as usize).is_some_and(|on| *on)
    }

    pub(crate) fn has_progress(&self) -> bool {
        self.progress
    }

    pub(crate) fn has_parameters(&self) -> bool {
        self.parameters
    }

    pub(crate) fn error_mode(&self) -> Option<ErrorMode> {
        self.errors
    }

    pub(crate) fn prompt_mode(&self) -> Option<PromptMode> {
        self.prompts
    }

    /// Returns the options that request the callbacks; none if no callback is requested.
    pub(crate) fn options(&self) -> Vec<WsmanOption> {
        let mut options = Vec::new();
        let mut add = |name: &str, value: &str, value_type: &str| {
            options.push(WsmanOption::new(name, value).with_type(value_type));
        };
        if self.bits() != 0 {
            add(REGISTRATION, &self.bits().to_string(), "xs:int");
        }
        for channel in MessageChannel::ALL {
            if self.has_channel(channel) {
                add(CHANNEL, &(channel as u32).to_string(), "xs:unsignedInt");
            }
        }
        if let Some(mode) = self.errors {
            add(ERROR_MODE, &(mode as u32).to_string(), "xs:unsignedInt");
        }
        let (mode, answer) = match self.prompts {
            // The default of a server without the option.
            None | Some(PromptMode::Inquire) => (None, None),
            Some(PromptMode::Report) => (Some("0"), None),
            Some(PromptMode::AnswerYes) => (Some("2"), Some("true")),
            Some(PromptMode::AnswerNo) => (Some("2"), Some("false")),
        };
        if let Some(mode) = mode {
            add(PROMPT_MODE, mode, "xs:unsignedInt");
        }
        if let Some(answer) = answer {
            add(PROMPT_ANSWER, answer, "xs:boolean");
        }
        options
    }

    fn bits(&self) -> u32 {
        [
            (self.channels.contains(&true), MESSAGES_BIT),
            (self.errors.is_some(), ERRORS_BIT),
            (self.parameters, PARAMETERS_BIT),
            (self.progress, PROGRESS_BIT),
            (self.prompts.is_some(), PROMPTS_BIT),
        ]
        .into_iter()
        .filter(|(wanted, _)| *wanted)
        .fold(0, |bits, (_, bit)| bits | bit)
    }

    /// Reads the callbacks that the options of a request ask for. An option counts with its prefix and
    /// without it, and several registrations are combined.
    #[cfg(feature = "simulator")]
    pub(crate) fn read(options: &[WsmanOption]) -> Self {
        let values = |name: &'static str| {
            let plain = move |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
            options
                .iter()
                .filter(move |option| plain(option.name()) == plain(name))
                .map(WsmanOption::value)
        };
        let numbers = |name| values(name).filter_map(|value| value.parse::<u32>().ok());
        let bits = numbers(REGISTRATION).fold(0, |bits, more| bits | more);
        let channels: Vec<u32> = numbers(CHANNEL).collect();
        let is_wanted = |channel: MessageChannel| {
            bits & MESSAGES_BIT != 0
                && (channels.is_empty() || channels.contains(&(channel as u32)))
        };
        let errors = match numbers(ERROR_MODE).next() {
            Some(1) => ErrorMode::Inquire,
            _ => ErrorMode::Report,
        };
        let prompts = match (numbers(PROMPT_MODE).next(), values(PROMPT_ANSWER).next()) {
            (Some(0), _) => PromptMode::Report,
            (Some(2), Some("true")) => PromptMode::AnswerYes,
            (Some(2), Some(_)) => PromptMode::AnswerNo,
            _ => PromptMode::Inquire,
        };
        Self {
            channels: MessageChannel::ALL.map(is_wanted),
            progress: bits & PROGRESS_BIT != 0,
            parameters: bits & PARAMETERS_BIT != 0,
            errors: (bits & ERRORS_BIT != 0).then_some(errors),
            prompts: (bits & PROMPTS_BIT != 0).then_some(prompts),
        }
    }
}

#[cfg(all(test, feature = "simulator"))]
mod tests {
    use super::*;

    fn texts(wanted: &Callbacks) -> Vec<String> {
        let text = |option: &WsmanOption| format!("{}={}", option.name(), option.value());
        wanted.options().iter().map(text).collect()
    }

    /// The registration of a captured `Set-CimInstance`.
    #[test]
    fn writes_the_options_of_a_windows_client() {
        let wanted = Callbacks::new()
            .messages()
            .progress()
            .errors(ErrorMode::Inquire);
        let written = [
            "__MI_CallbackRegistration=11",
            "wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE=0",
            "wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE=1",
            "wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE=2",
            "wmi:__MI_OPERATIONOPTIONS_WRITEERRORMODE=1",
        ];
        assert_eq!(texts(&wanted), written);
        assert!(Callbacks::new().options().is_empty());
    }

    #[test]
    fn registrations_round_trip() {
        let modes = [
            PromptMode::Inquire,
            PromptMode::Report,
            PromptMode::AnswerYes,
            PromptMode::AnswerNo,
        ];
        for mode in modes {
            let wanted = Callbacks::all().prompts(mode);
            assert_eq!(Callbacks::read(&wanted.options()), wanted);
        }
        let some = Callbacks::new().channel(MessageChannel::Debug).parameters();
        assert_eq!(Callbacks::read(&some.options()), some);
        let plain = [
            WsmanOption::new("wmi:__MI_CallbackRegistration", "1"),
            WsmanOption::new("__MI_CallbackRegistration", "8"),
        ];
        assert_eq!(
            Callbacks::read(&plain),
            Callbacks::new().messages().progress()
        );
    }
}
