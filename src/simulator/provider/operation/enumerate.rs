//! Enumerate, Pull and Release (WS-Enumeration).

use std::time::Duration;

use crate::protocol::{EnumerateBody, Filter, PullBody, ResourceUriPrefix};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::model::semantics::{CimFailure, RequestTarget};
use crate::simulator::model::wql::Query;
use crate::simulator::provider::enumeration::{Enumeration, Filling, Items, Room, Shape, select};
use crate::simulator::provider::operation::Call;
use crate::simulator::provider::request::{RequestBody, association_parts};

/// The bytes of the elements around the rows of a page.
const AROUND_ROWS: usize = 512;

/// The minimum of parts of an association filter in openwsman.
const LEAST_PARTS: usize = 4;

impl Call<'_> {
    pub(super) fn enumerate(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let nothing = EnumerateBody::default();
        let body = match &self.request.body {
            RequestBody::Enumerate(body) => body,
            _ => &nothing,
        };
        let rows = if self.enumerates_classes() {
            self.classes(target)
        } else {
            self.check_filter(body, target)
                .and_then(|()| select(self.repository(), self.dialect(), target, body))
        };
        let rows = match (self.dialect(), &rows) {
            (Dialect::Omi, Err(RequestFailure::Protocol(_))) => Ok(rows?),
            // Without optimization OMI answers before it queries its providers.
            (Dialect::Omi, _) if !body.optimize => rows,
            _ => Ok(rows?),
        };
        let enumerations = &self.provider.enumerations;
        let mut enumeration =
            enumerations.begin(rows, shape(body, self.dialect()), body.expires)?;
        let items = match (body.optimize, self.dialect()) {
            (true, _) => Some(self.items(&mut enumeration, target, body.max_elements, None)?),
            (false, Dialect::Omi) => Some(Items::none()),
            (false, _) => None,
        };
        self.answer(target, enumeration, items)
    }

    pub(super) fn pull(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let RequestBody::Pull(body) = &self.request.body else {
            return Err(ProtocolFailure::NoEnumeration.into());
        };
        if self.dialect() == Dialect::Omi && body.max_time == Some(Duration::ZERO) {
            return Err(ProtocolFailure::ZeroMaxTime.into());
        }
        let mut enumeration = self.provider.enumerations.take(&body.context)?;
        let characters = self.characters(body);
        match self.items(&mut enumeration, target, body.max_elements, characters) {
            Ok(items) => self.answer(target, enumeration, Some(items)),
            Err(failure) => {
                if enumeration.rows.is_ok() {
                    self.provider.enumerations.keep(enumeration);
                }
                Err(failure)
            }
        }
    }

    pub(super) fn release(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let RequestBody::Release(body) = &self.request.body else {
            return Err(ProtocolFailure::NoEnumeration.into());
        };
        self.provider.enumerations.take(&body.context)?;
        Ok(self.frame(target).empty()?)
    }

    /// Answers with a page, and keeps the enumeration unless it has ended.
    fn answer(
        &self,
        target: RequestTarget<'_>,
        enumeration: Enumeration,
        items: Option<Items>,
    ) -> Result<Vec<u8>, RequestFailure> {
        let answer = self.frame(target).page(&enumeration, items.as_ref())?;
        if !items.is_some_and(|items| items.is_last()) {
            self.provider.enumerations.keep(enumeration);
        }
        Ok(answer)
    }

    /// Checks the filter: openwsman looks up a class unless it recognizes an association filter.
    fn check_filter(
        &self,
        body: &EnumerateBody,
        target: RequestTarget<'_>,
    ) -> Result<(), RequestFailure> {
        let is_association = matches!(body.filter, Some(Filter::Association(_)));
        let is_short = is_association && association_parts(self.bytes) < LEAST_PARTS;
        if is_short && self.dialect() == Dialect::Openwsman {
            return Err(CimFailure::NoClass(target.class.clone()).into());
        }
        Ok(())
    }

    fn items(
        &self,
        enumeration: &mut Enumeration,
        target: RequestTarget<'_>,
        max_elements: Option<u32>,
        characters: Option<usize>,
    ) -> Result<Items, RequestFailure> {
        let Enumeration {
            rows,
            shape,
            filling,
            ..
        } = enumeration;
        let rows = rows.as_mut().map_err(|failure| failure.clone())?;
        if self.provider.enumerations.takes_empty_page() {
            return Ok(Items::none());
        }
        let frame = self.frame(target);
        let around = frame.overhead()? + AROUND_ROWS;
        let (envelope, packs) = self
            .dialect()
            .page_size(self.request.header.max_envelope_size);
        let room = Room {
            rows: self
                .dialect()
                .page_rows(max_elements)
                .min(filling.as_ref().map_or(usize::MAX, Filling::found)),
            bytes: envelope.saturating_sub(around),
            characters,
            packs,
        };
        let items = Items::take(rows, shape, &frame, room)?;
        if let Some(filling) = filling {
            filling.take(items.count());
        }
        Ok(items)
    }

    /// Returns the limit of characters, which only Windows honours.
    fn characters(&self, body: &PullBody) -> Option<usize> {
        let characters = body
            .max_characters
            .filter(|_| self.dialect() == Dialect::Windows)?;
        usize::try_from(characters).ok()
    }
}

/// Returns the format of the rows. The classes of associated instances have the URI form of the
/// object's.
fn shape(body: &EnumerateBody, dialect: Dialect) -> Shape {
    let (picked, prefix) = match &body.filter {
        Some(Filter::Wql(text) | Filter::Cql(text)) => {
            let query = Query::parse(text, dialect.query_syntax());
            (query.is_ok_and(|query| query.select.is_some()), None)
        }
        Some(Filter::Association(filter)) => {
            let schema = filter.object.schema_uri();
            (
                false,
                schema.map(|uri| ResourceUriPrefix::Vendor(uri.into())),
            )
        }
        _ => (false, None),
    };
    Shape {
        mode: body.mode,
        picked,
        prefix,
    }
}
