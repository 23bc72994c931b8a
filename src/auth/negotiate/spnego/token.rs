//! Encodes and parses the tokens of SPNEGO (RFC 4178 4.2, MS-SPNG 2.2).

use crate::auth::der::{
    Der, ENUMERATED, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, application, context, octets,
    sequence, tagged, written,
};

/// 1.3.6.1.5.5.2
const SPNEGO: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x02];

/// A mechanism of SPNEGO, by its object identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// Kerberos by its old identifier in Windows: 1.2.840.48018.1.2.2.
    WindowsKerberos,
    /// Kerberos: 1.2.840.113554.1.2.2.
    Kerberos,
    /// NTLM: 1.3.6.1.4.1.311.2.2.10.
    Ntlm,
}

impl Mechanism {
    const ALL: [Self; 3] = [Self::WindowsKerberos, Self::Kerberos, Self::Ntlm];

    fn identifier(self) -> &'static [u8] {
        match self {
            Self::WindowsKerberos => &[0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02],
            Self::Kerberos => &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02],
            Self::Ntlm => &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A],
        }
    }

    fn read(mut der: Der<'_>) -> Option<Self> {
        let identifier = der.next_of(OBJECT_IDENTIFIER)?.content;
        let mut known = Self::ALL.into_iter();
        known.find(|known| known.identifier() == identifier)
    }

    fn written(self) -> Vec<u8> {
        written(OBJECT_IDENTIFIER, &[self.identifier()])
    }
}

/// Encodes the list of mechanisms, which both sides sign.
pub(crate) fn list(mechanisms: impl IntoIterator<Item = Mechanism>) -> Vec<u8> {
    let names: Vec<_> = mechanisms.into_iter().map(Mechanism::written).collect();
    sequence(&[&names.concat()])
}

/// The first token of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NegTokenInit {
    /// The mechanisms, the best first.
    pub(crate) list: Vec<u8>,
    /// The first token of the best mechanism.
    pub(crate) token: Option<Vec<u8>>,
}

impl NegTokenInit {
    /// Parses a token; `None` if it is invalid. A server's token of this kind has hints in place of
    /// the signature (MS-SPNG 2.2.1); both are ignored.
    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut wrapped = only(bytes)?.inside(application(0))?;
        if wrapped.next_of(OBJECT_IDENTIFIER)?.content != SPNEGO {
            return None;
        }
        let mut fields = only(wrapped.0)?.inside(context(0))?.inside(SEQUENCE)?;
        let list = fields.field(0)?.next_of(SEQUENCE)?.whole.to_vec();
        let token = match fields.field(2) {
            Some(mut token) => Some(token.next_of(OCTET_STRING)?.content.to_vec()),
            None => None,
        };
        Some(Self { list, token })
    }

    pub(crate) fn written(&self) -> Vec<u8> {
        let token = self.token.as_deref().map(octets);
        let fields = [field(0, Some(&self.list)), field(2, token.as_deref())];
        let offer = tagged(0, &sequence(&[&fields.concat()]));
        let name = written(OBJECT_IDENTIFIER, &[SPNEGO]);
        written(application(0), &[&name, &offer])
    }

    /// The mechanisms; `None` for an unknown one.
    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
    pub(crate) fn mechanisms(&self) -> impl Iterator<Item = Option<Mechanism>> {
        let mut names = Der(&self.list).inside(SEQUENCE).unwrap_or(Der(&[]));
        std::iter::from_fn(move || Some(Mechanism::read(Der(names.next()?.whole))))
    }
}

/// The state of a negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Completed,
    Incomplete,
    Rejected,
    /// Incomplete, and the lists must be signed.
    RequestsSignature,
}

impl State {
    fn read(mut der: Der<'_>) -> Option<Self> {
        match der.next_of(ENUMERATED)?.content {
            [0] => Some(Self::Completed),
            [1] => Some(Self::Incomplete),
            [2] => Some(Self::Rejected),
            [3] => Some(Self::RequestsSignature),
            _ => None,
        }
    }

    fn written(self) -> Vec<u8> {
        let number = match self {
            Self::Completed => 0,
            Self::Incomplete => 1,
            Self::Rejected => 2,
            Self::RequestsSignature => 3,
        };
        written(ENUMERATED, &[&[number]])
    }
}

/// Every later token, of either side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) state: Option<State>,
    /// The mechanism that the server chose.
    pub(crate) mechanism: Option<Mechanism>,
    /// The next token of the mechanism.
    pub(crate) token: Option<Vec<u8>>,
    /// The signature of the list of mechanisms.
    pub(crate) signature: Option<Vec<u8>>,
}

impl Reply {
    /// Parses a token; `None` if it is invalid, or chooses an unknown mechanism.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = only(bytes)?.inside(context(1))?.inside(SEQUENCE)?;
        let mut reply = Self::default();
        if let Some(state) = fields.field(0) {
            reply.state = Some(State::read(state)?);
        }
        if let Some(mechanism) = fields.field(1) {
            reply.mechanism = Some(Mechanism::read(mechanism)?);
        }
        if let Some(mut token) = fields.field(2) {
            reply.token = Some(token.next_of(OCTET_STRING)?.content.to_vec());
        }
        if let Some(mut signature) = fields.field(3) {
            reply.signature = Some(signature.next_of(OCTET_STRING)?.content.to_vec());
        }
        // An unknown field would hide those after it.
        if !fields.0.is_empty() {
            return None;
        }
        // Old servers repeat the token in place of the signature.
        if reply.token.is_some() && reply.signature == reply.token {
            reply.signature = None;
        }
        Some(reply)
    }

    pub(crate) fn written(&self) -> Vec<u8> {
        let state = self.state.map(State::written);
        let mechanism = self.mechanism.map(Mechanism::written);
        let token = self.token.as_deref().map(octets);
        let signature = self.signature.as_deref().map(octets);
        let fields = [
            field(0, state.as_deref()),
            field(1, mechanism.as_deref()),
            field(2, token.as_deref()),
            field(3, signature.as_deref()),
        ];
        tagged(1, &sequence(&[&fields.concat()]))
    }
}

/// Encodes an optional field.
fn field(number: u8, element: Option<&[u8]>) -> Vec<u8> {
    element
        .map(|element| tagged(number, element))
        .unwrap_or_default()
}

/// Returns the content of bytes that are exactly one element.
fn only(bytes: &[u8]) -> Option<Der<'_>> {
    let mut rest = Der(bytes);
    rest.next()?;
    rest.0.is_empty().then_some(Der(bytes))
}
