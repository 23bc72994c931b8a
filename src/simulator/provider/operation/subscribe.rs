//! Subscribe, Renew, Unsubscribe, and the Pull of events (WS-Eventing).

use std::sync::Arc;
use std::time::Duration;

use crate::cim::{CimStatus, Instance};
use crate::protocol::{
    Delivered, DeliveryMode, EndpointReference, EventPage, Expires, Filter, Header, PullBody,
    RenewResponse, SubscribeBody, Subscribed, SubscriptionEnd,
};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::EventFailure;
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::model::semantics::{CimFailure, RequestTarget, within};
use crate::simulator::model::wql::Query;
use crate::simulator::provider::Provider;
use crate::simulator::provider::enumeration::check_query;
use crate::simulator::provider::operation::Call;
use crate::simulator::provider::request::{Request, RequestBody};
use crate::simulator::provider::subscription::{Happened, Names, Pulled, Wish};

/// The resource URI of the subscription manager in OMI.
const MANAGER: &str = "http://schemas.dmtf.org/wbem/wscim/1/*";

/// The default duration of a subscription.
const EXPIRES: Duration = Duration::from_secs(10 * 60);

const SUBSCRIPTION_END: &str = "http://schemas.xmlsoap.org/ws/2004/08/eventing/SubscriptionEnd";

impl Provider {
    /// Waits before a Pull until there is an event or a row to return.
    pub(in crate::simulator) async fn wait_for_content(&self, bytes: &[u8]) {
        if self.subscriptions.count() == 0 && !self.enumerations.come_at_a_rate() {
            return;
        }
        let Ok(request) = Request::read(bytes) else {
            return;
        };
        if let RequestBody::Pull(PullBody { context, .. }) = &request.body {
            if let Some(time) = self.enumerations.next_row_at(context) {
                tokio::time::sleep_until(time).await;
            }
            let timeout = request.header.operation_timeout;
            self.subscriptions.wait(context, timeout).await;
        }
    }
}

impl Call<'_> {
    pub(super) fn subscribe(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let RequestBody::Subscribe(body) = &self.request.body else {
            return Err(ProtocolFailure::Unreadable.into());
        };
        if body.mode != DeliveryMode::Pull {
            return Err(EventFailure::DeliveryMode.into());
        }
        let wish = self.wish(body, target)?;
        let expires = body.expires.unwrap_or(EXPIRES);
        let lifetime = self.dialect().subscriptions_expire().then_some(expires);
        let bookmark = body.bookmark.as_deref();
        let bookmark = bookmark.filter(|_| self.dialect().sends_bookmarks());
        let names = self.provider.subscriptions.open(wish, lifetime, bookmark)?;
        let subscribed = Subscribed {
            manager: self.manager(&names),
            context: Some(names.context),
            expires: lifetime.map(Expires::In),
        };
        let parameters = match self.dialect() {
            Dialect::Omi => "a:ReferenceProperties",
            Dialect::Windows | Dialect::Openwsman => "a:ReferenceParameters",
        };
        let frame = self.frame(target);
        Ok(frame.write(None, |w| subscribed.write(w, parameters))?)
    }

    pub(super) fn renew(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let RequestBody::Renew(body) = &self.request.body else {
            return Err(ProtocolFailure::Unreadable.into());
        };
        if !self.dialect().subscriptions_expire() {
            return Err(EventFailure::NoRenew.into());
        }
        let expires = body.expires.unwrap_or(EXPIRES);
        let renewed = self
            .provider
            .subscriptions
            .renew(self.identifier(), expires);
        if renewed {
            Ok(self
                .frame(target)
                .write(None, |w| RenewResponse { expires }.write(w))?)
        } else {
            Err(EventFailure::NoSubscription.into())
        }
    }

    pub(super) fn unsubscribe(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        if self.provider.subscriptions.close(self.identifier()) {
            Ok(self.frame(target).empty()?)
        } else {
            Err(EventFailure::NoSubscription.into())
        }
    }

    /// Whether a Pull belongs to a subscription.
    pub(super) fn pulls_events(&self) -> bool {
        matches!(&self.request.body, RequestBody::Pull(body)
            if self.provider.subscriptions.knows(&body.context))
    }

    pub(super) fn pull_events(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let RequestBody::Pull(body) = &self.request.body else {
            return Err(ProtocolFailure::NoEnumeration.into());
        };
        let most = match self.dialect() {
            Dialect::Openwsman => 1,
            dialect => dialect.page_rows(body.max_elements),
        };
        let subscriptions = &self.provider.subscriptions;
        let pulled = subscriptions.pull(&body.context, most);
        let context = Some(body.context.clone());
        match pulled.ok_or(ProtocolFailure::NoEnumeration)? {
            Pulled::Events { events, bookmark } => self.events(target, context, &events, bookmark),
            Pulled::Ended(names, status) => self.end(target, &names, status),
            Pulled::Heartbeat => {
                let page = EventPage {
                    context,
                    ..EventPage::default()
                };
                self.page(target, &page, Delivered::Heartbeat)
            }
            Pulled::Silence if self.dialect() == Dialect::Omi => {
                self.events(target, context, &[], None)
            }
            Pulled::Silence => Err(ProtocolFailure::TimedOut.into()),
        }
    }

    fn events(
        &self,
        target: RequestTarget<'_>,
        context: Option<String>,
        events: &[Arc<Happened>],
        bookmark: Option<String>,
    ) -> Result<Vec<u8>, RequestFailure> {
        let frame = self.frame(target);
        let shown = |event: &Arc<Happened>| frame.represented(&event.found);
        let is_openwsman = self.dialect() == Dialect::Openwsman;
        let page = EventPage {
            events: events.iter().map(shown).collect(),
            bookmark,
            context: context.filter(|_| !is_openwsman),
            ended: None,
        };
        let delivered = if is_openwsman {
            Delivered::Directly
        } else {
            Delivered::InItems
        };
        self.page(target, &page, delivered)
    }

    /// Returns the answer to a Pull of events, whose action in openwsman is the URI of the class.
    fn page(
        &self,
        target: RequestTarget<'_>,
        page: &EventPage,
        delivered: Delivered,
    ) -> Result<Vec<u8>, RequestFailure> {
        let frame = self.frame(target);
        let context = frame.context();
        let class = match delivered {
            Delivered::Directly => page.events.first().map(Instance::class),
            Delivered::InItems | Delivered::Heartbeat => None,
        };
        let class = class.map(|class| context.prefix.class_uri(context.namespace, class.as_str()));
        let header = Header {
            action: Some(class.transpose()?.unwrap_or_else(|| frame.action()).into()),
            bookmark: page.bookmark.clone(),
            ..Header::default()
        };
        Ok(frame.write_as(header, |w| page.write(w, delivered, context))?)
    }

    /// Returns the end of a subscription by the server, as the answer to a Pull; no recording shows
    /// it.
    fn end(
        &self,
        target: RequestTarget<'_>,
        names: &Names,
        status: String,
    ) -> Result<Vec<u8>, RequestFailure> {
        let header = Header {
            action: Some(SUBSCRIPTION_END.into()),
            ..Header::default()
        };
        let manager = self.manager(names);
        let end = SubscriptionEnd { manager, status };
        Ok(self.frame(target).write_as(header, |w| end.write(w))?)
    }

    fn wish(
        &self,
        body: &SubscribeBody,
        target: RequestTarget<'_>,
    ) -> Result<Wish, RequestFailure> {
        let text = match &body.filter {
            Some(Filter::Cql(_)) if !self.dialect().knows_cql() => {
                return Err(ProtocolFailure::FilterDialect.into());
            }
            Some(Filter::Wql(text) | Filter::Cql(text)) => text,
            Some(_) => return Err(ProtocolFailure::FilterDialect.into()),
            None => return Err(EventFailure::NoFilter.into()),
        };
        if self.dialect().queries_all_classes_only() && *target.class != "*" {
            return Err(ProtocolFailure::QueryOfOneClass.into());
        }
        let checked = within(self.repository(), target.namespace, |space| {
            let query = Query::parse(text, self.dialect().query_syntax())
                .map_err(|error| CimFailure::InvalidQuery(error.to_string()))?;
            check_query(space, self.dialect(), &query)?;
            match space.event_class(&query.class) {
                Some(_) => Ok((query, space.hierarchy())),
                None => Err(CimFailure::NoQueriedClass(query.class)),
            }
        });
        let (query, hierarchy) = checked.map_err(|failure| match failure {
            // OMI reports a missing class, or one that is no event class, as not found.
            CimFailure::NoQueriedClass(_) if self.dialect() == Dialect::Omi => {
                CimFailure::Status(CimStatus::NotFound)
            }
            other => other,
        })?;
        Ok(Wish {
            namespace: target.namespace.clone(),
            query,
            hierarchy,
            heartbeats: body.heartbeats,
            bookmarks: body.send_bookmarks,
        })
    }

    /// Returns the endpoint for Renew and Unsubscribe: openwsman names no resource, OMI no address.
    fn manager(&self, names: &Names) -> EndpointReference {
        let address = self.request.header.to.clone();
        let resource = Some(MANAGER.to_owned());
        EndpointReference {
            address: address.filter(|_| self.dialect() != Dialect::Omi),
            resource_uri: resource.filter(|_| self.dialect() != Dialect::Openwsman),
            identifier: Some(names.identifier.clone()),
            ..EndpointReference::default()
        }
    }

    fn identifier(&self) -> &str {
        self.request
            .header
            .identifier
            .as_deref()
            .unwrap_or_default()
    }
}
