//! The parts of the header that every request of a session has.

use super::uri::ANONYMOUS;
use crate::cim::ValueError;
use crate::xml::Writer;

pub(super) const MUST: (&str, &str) = ("s:mustUnderstand", "true");
pub(super) const MAY: (&str, &str) = ("s:mustUnderstand", "false");

/// What every request of a session says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionHeaders<'a> {
    pub(crate) to: &'a str,
    pub(crate) max_envelope_size: u32,
    pub(crate) locale: Option<&'a str>,
    pub(crate) data_locale: Option<&'a str>,
    pub(crate) session_id: &'a str,
}

/// The same, written once as the pieces between the headers of a single message.
#[derive(Clone, Debug, Default)]
pub(crate) struct FixedHeader {
    pub(super) to: Box<str>,
    pub(super) reply_to: Box<str>,
    pub(super) max_envelope_size: Box<str>,
    pub(super) session: Box<str>,
}

impl FixedHeader {
    /// Writes the pieces.
    ///
    /// # Errors
    /// Fails on a text that XML cannot carry.
    pub(crate) fn of(headers: SessionHeaders<'_>) -> Result<Self, ValueError> {
        let size = headers.max_envelope_size.to_string();
        Ok(Self {
            to: piece(|w| Ok(w.leaf("a:To", &[], headers.to)?))?,
            reply_to: piece(|w| {
                w.open("a:ReplyTo", &[])?;
                w.leaf("a:Address", &[MUST], ANONYMOUS)?;
                w.close("a:ReplyTo");
                Ok(())
            })?,
            max_envelope_size: piece(|w| Ok(w.leaf("w:MaxEnvelopeSize", &[MUST], &size)?))?,
            session: piece(|w| {
                language(w, "w:Locale", headers.locale)?;
                language(w, "p:DataLocale", headers.data_locale)?;
                Ok(w.leaf("p:SessionId", &[MAY], headers.session_id)?)
            })?,
        })
    }
}

fn piece(
    write: impl FnOnce(&mut Writer) -> Result<(), ValueError>,
) -> Result<Box<str>, ValueError> {
    let mut w = Writer::with_capacity(0);
    write(&mut w)?;
    Ok(w.into_markup().into())
}

fn language(w: &mut Writer, name: &str, tag: Option<&str>) -> Result<(), ValueError> {
    tag.map_or(Ok(()), |tag| Ok(w.empty(name, &[("xml:lang", tag), MAY])?))
}
