//! The messages of a subscription.

use std::time::Duration;

use tokio::time::Instant;

use super::lifetime::Lifetime;
use super::{Bookmark, Subscribe, Terms};
use crate::error::Error;
use crate::protocol::{
    AnswerAction, DecodeError, DeliveryMode, EndpointReference, EventPage, Filter, PullBody,
    RenewBody, SubscribeBody, Subscribed, UnsubscribeBody, action,
};
use crate::session::call::{Call, Draft, Effect};
use crate::session::ending;
use crate::session::target::Target;

/// The target, filter and settings of a subscription.
pub(super) struct Source {
    call: Call,
    target: Target,
    filter: Filter,
    pub(super) terms: Terms,
}

/// A subscription that the server holds.
pub(super) struct Registration {
    manager: EndpointReference,
    context: String,
    pub(super) lifetime: Option<Lifetime>,
}

/// The default time limit of a Pull, which is the maximum of Windows (MS-WSMV 2.2.4.10,
/// `MaxTimeoutms`).
const HOLD: Duration = Duration::from_secs(60);

/// The shortest time limit of a Pull, however soon the subscription is due for renewal.
const SHORTEST_HOLD: Duration = Duration::from_millis(50);

/// The longest time limit of Renew and Unsubscribe, which the server answers at once.
const SOON: Duration = Duration::from_secs(10);

impl Source {
    pub(super) fn new(call: &Call, subscribe: &Subscribe, query: String) -> Result<Self, Error> {
        let target = match &subscribe.class {
            Some(class) => Target::class(call, class.clone())?,
            None => Target::all_classes(call, None)?,
        };
        Ok(Self {
            call: call.apart().without_retries(),
            target,
            filter: subscribe.dialect.filter(query),
            terms: subscribe.terms.clone(),
        })
    }

    /// Subscribes in a call, which may be that of the caller.
    pub(super) async fn subscribe(
        &self,
        call: &mut Call,
        bookmark: Option<&Bookmark>,
    ) -> Result<Registration, Error> {
        let body = SubscribeBody {
            mode: DeliveryMode::Pull,
            heartbeats: self.terms.heartbeats,
            expires: Some(self.terms.expires),
            filter: Some(self.filter.clone()),
            bookmark: bookmark.map(|bookmark| bookmark.as_str().to_owned()),
            send_bookmarks: self.terms.send_bookmarks,
        };
        let draft = self.target.draft(action::SUBSCRIBE, Effect::Write)?;
        let context = self.target.filter_context(call);
        let sent = call.send(
            draft,
            |w| body.write(w, context),
            |body, first, _| Subscribed::read(body, first),
        );
        let subscribed = sent.await?.unwrap_or_default();
        let granted = subscribed.expires;
        let lifetime = granted.map(|granted| Lifetime::new(granted, &self.terms));
        let mut registration = Registration {
            manager: subscribed.manager,
            context: String::new(),
            lifetime,
        };
        let Some(context) = subscribed.context else {
            // Without a context it cannot be pulled, so end it on the server. The missing context is
            // the error to report, even if that fails and the server keeps it until it expires.
            let _kept = self.unsubscribe(&registration, false).await;
            return Err(Error::from(DecodeError::Missing("n:EnumerationContext")));
        };
        registration.context = context;
        Ok(registration)
    }

    /// Subscribes again in a separate call.
    pub(super) async fn subscribe_again(
        &self,
        bookmark: Option<&Bookmark>,
    ) -> Result<Registration, Error> {
        self.subscribe(&mut self.call.apart(), bookmark).await
    }

    /// Waits for events until the subscription is due for renewal, and at most for `limit`.
    pub(super) async fn pull(
        &self,
        registration: &Registration,
        limit: Option<Duration>,
    ) -> Result<EventPage, Error> {
        let mut call = self.call.apart();
        let hold = call.operation_timeout().unwrap_or(HOLD);
        let until_due = registration
            .lifetime
            .map(|lifetime| lifetime.due.saturating_duration_since(Instant::now()));
        let limits = [limit, self.terms.heartbeats, until_due];
        let hold = limits.into_iter().flatten().fold(hold, Duration::min);
        call.set_operation_timeout(hold.max(SHORTEST_HOLD));
        let body = PullBody {
            context: registration.context.clone(),
            max_elements: self.terms.max_elements,
            ..PullBody::default()
        };
        let draft = Draft {
            answered_by: AnswerAction::Any,
            ..self.target.draft(action::PULL, Effect::Read)?
        };
        let sent = call.send(draft, |w| body.write(w), EventPage::read);
        sent.await?
            .ok_or_else(|| Error::from(DecodeError::Missing("n:PullResponse")))
    }

    /// Renews the subscription.
    pub(super) async fn renew(
        &self,
        registration: &Registration,
    ) -> Result<Option<Lifetime>, Error> {
        let body = RenewBody {
            expires: Some(self.terms.expires),
        };
        let draft = self.to_manager(registration, action::RENEW)?;
        let mut call = self.call_soon_answered();
        let sent = call.send(
            draft,
            |w| body.write(w),
            |body, first, _| RenewBody::read_response(body, first),
        );
        let granted = sent.await?.flatten();
        Ok(granted.map(|granted| Lifetime::new(granted, &self.terms)))
    }

    /// Ends the subscription. The server may still process an earlier message that the client aborted.
    pub(super) async fn unsubscribe(
        &self,
        registration: &Registration,
        is_given_up: bool,
    ) -> Result<(), Error> {
        ending::insist(is_given_up, || self.send_unsubscribe(registration)).await
    }

    async fn send_unsubscribe(&self, registration: &Registration) -> Result<(), Error> {
        let draft = self.to_manager(registration, action::UNSUBSCRIBE)?;
        let mut call = self.call_soon_answered();
        let sent = call.send(
            draft,
            |w| UnsubscribeBody.write(w),
            |body, first, _| body.nothing(first),
        );
        sent.await.map(Option::unwrap_or_default)
    }

    /// Makes a call for a message that the server answers at once.
    fn call_soon_answered(&self) -> Call {
        let mut call = self.call.apart();
        let limit = call.operation_timeout().unwrap_or(SOON);
        call.set_operation_timeout(limit.min(SOON));
        call
    }

    /// Makes a message to the subscription manager: the parameters of its reference become headers
    /// (WS-Addressing 2.3).
    fn to_manager(
        &self,
        registration: &Registration,
        action: &'static str,
    ) -> Result<Draft, Error> {
        let manager = registration.manager.clone();
        let own = self.target.draft(action, Effect::Write)?;
        let has_selectors = !manager.selectors.is_empty();
        Ok(Draft {
            to: manager.address,
            identifier: manager.identifier,
            resource_uri: manager.resource_uri.unwrap_or(own.resource_uri),
            selectors: if has_selectors {
                manager.selectors
            } else {
                own.selectors
            },
            ..own
        })
    }
}

impl Registration {
    /// Takes over the context of the next Pull.
    pub(super) fn go_on_with(&mut self, context: Option<String>) {
        if let Some(context) = context {
            self.context = context;
        }
    }

    /// Returns whether it is due for renewal.
    pub(super) fn is_due(&self) -> bool {
        self.lifetime
            .is_some_and(|lifetime| lifetime.due <= Instant::now())
    }
}
