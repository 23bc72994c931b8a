//! The form of sealed messages, which is learnt once.

use super::sealed::send_on;
use super::{ConnectionOriented, Opening, ended_after_login, ended_between_steps};
use crate::auth::seal::MimeForm;
use crate::transport::http::connections::Connections;
use crate::transport::http::login::first::Turn;
use crate::transport::{SentFlag, TransportError, TransportErrorKind, WholeAnswer, WholeRequest};

/// Why the form of sealed messages is still unknown.
pub(super) enum NotLearnt {
    /// The login or the harmless message was refused: the caller's message gets this answer, so
    /// that a wrong password is tried only once.
    Refused(WholeAnswer),
    Failed(TransportError),
}

impl From<TransportError> for NotLearnt {
    fn from(error: TransportError) -> Self {
        Self::Failed(error.not_sent())
    }
}

impl NotLearnt {
    /// Explains that the connection ended on both forms, of which a server accepts one.
    fn if_neither(self) -> Self {
        match self {
            Self::Failed(error) => Self::Failed(ended_between_steps(error)),
            refused @ Self::Refused(_) => refused,
        }
    }
}

impl ConnectionOriented {
    /// Returns the form of sealed messages; `None` if messages are not sealed.
    pub(super) async fn mime_form(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        message: &WholeRequest,
    ) -> Result<Option<MimeForm>, NotLearnt> {
        if !self.is_sealed {
            return Ok(None);
        }
        if let Some(form) = self.form.get() {
            return Ok(Some(*form));
        }
        // Boxed, because only the first message learns the form and all would reserve room for it.
        let learning = Box::pin(self.learn_form(connections, turn, message));
        let form = self.form.get_or_try_init(|| learning).await;
        form.copied().map(Some)
    }

    /// Learns the form from a harmless message: a server closes the connection without an answer if
    /// it rejects the form. Only an answer proves the form.
    async fn learn_form(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        message: &WholeRequest,
    ) -> Result<MimeForm, NotLearnt> {
        let probe = WholeRequest {
            body: self.probe.clone(),
            secrets: Vec::new(),
            is_read: true,
            sent: SentFlag::default(),
            ..message.clone()
        };
        let tabbed = self
            .try_form(connections, turn, &probe, MimeForm::Tabbed)
            .await;
        match tabbed {
            Err(NotLearnt::Failed(error)) if error.kind() == TransportErrorKind::Interrupted => {
                let untabbed = self.try_form(connections, turn, &probe, MimeForm::Untabbed);
                untabbed.await.map_err(NotLearnt::if_neither)
            }
            other => other,
        }
    }

    async fn try_form(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        probe: &WholeRequest,
        form: MimeForm,
    ) -> Result<MimeForm, NotLearnt> {
        match self.open(connections, turn, probe).await? {
            Opening::Open(mut opened) => {
                let answer = send_on(connections, &mut opened, Some(form), probe).await;
                let mut answer = answer.map_err(ended_after_login)?;
                if !answer.evidence.sealed {
                    // Whatever this answer says, the waiting message was not sent.
                    answer.evidence.held_back = true;
                    return Err(NotLearnt::Refused(answer));
                }
                // This answer is looked at no further, and gives the connection back.
                drop(self.lend(connections, opened, None, answer));
                Ok(form)
            }
            Opening::Refused(answer) => Err(NotLearnt::Refused(answer)),
        }
    }
}
