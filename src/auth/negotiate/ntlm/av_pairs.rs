//! The attributes of a server, as a list of `AV_PAIR` (MS-NLMP 2.2.2.1).

/// The identifiers of attributes.
pub(crate) mod id {
    pub(crate) const END: u16 = 0;
    pub(crate) const COMPUTER: u16 = 1;
    pub(crate) const DOMAIN: u16 = 2;
    #[cfg(feature = "simulator")]
    pub(crate) const DNS_COMPUTER: u16 = 3;
    pub(crate) const FLAGS: u16 = 6;
    pub(crate) const TIME: u16 = 7;
    pub(crate) const TARGET_NAME: u16 = 9;
    pub(crate) const CHANNEL_BINDING: u16 = 10;
}

/// The bit of [`id::FLAGS`] that announces an integrity code (MIC).
pub(crate) const HAS_INTEGRITY_CODE: u32 = 2;

/// The attributes in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AvPairs(Vec<(u16, Vec<u8>)>);

impl AvPairs {
    /// Parses a list up to its `MsvAvEOL`; `None` if that is missing.
    pub(crate) fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut pairs = Vec::new();
        loop {
            let (id, rest) = bytes.split_first_chunk()?;
            let (length, rest) = rest.split_first_chunk()?;
            let (value, rest) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
            match u16::from_le_bytes(*id) {
                id::END if value.is_empty() => return Some(Self(pairs)),
                id::END => return None,
                id => pairs.push((id, value.to_vec())),
            }
            bytes = rest;
        }
    }

    /// Returns the value of the first attribute with this identifier.
    pub(crate) fn get(&self, id: u16) -> Option<&[u8]> {
        let mut pairs = self.0.iter();
        pairs
            .find(|(known, _)| *known == id)
            .map(|(_, value)| value.as_slice())
    }

    /// Returns the value of [`id::FLAGS`], zero if the list has none; `None` if it is malformed.
    pub(crate) fn flags(&self) -> Option<u32> {
        match self.get(id::FLAGS) {
            Some(flags) => Some(u32::from_le_bytes(flags.try_into().ok()?)),
            None => Some(0),
        }
    }

    /// Sets an attribute in place, or adds it; afterwards the list holds it once.
    pub(crate) fn set(&mut self, id: u16, value: &[u8]) {
        let place = self.0.iter().position(|(known, _)| *known == id);
        self.0.retain({
            let mut seen = false;
            move |(known, _)| *known != id || !std::mem::replace(&mut seen, true)
        });
        match place.and_then(|place| self.0.get_mut(place)) {
            Some((_, old)) => *old = value.to_vec(),
            None => self.0.push((id, value.to_vec())),
        }
    }

    /// Encodes the list with its `MsvAvEOL`; `None` if a value is too long.
    pub(crate) fn write(&self) -> Option<Vec<u8>> {
        let mut written = Vec::new();
        for (id, value) in &self.0 {
            written.extend(id.to_le_bytes());
            written.extend(u16::try_from(value.len()).ok()?.to_le_bytes());
            written.extend(value);
        }
        written.extend([0; 4]);
        Some(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = b"\x02\0\x02\0D\0\x06\0\x04\0\x01\0\0\0\x01\0\x02\0S\0\0\0\0\0";

    #[test]
    fn writes_what_it_read() {
        let pairs = AvPairs::read(LIST).unwrap();
        assert_eq!(pairs.get(id::DOMAIN), Some(&b"D\0"[..]));
        assert_eq!(pairs.flags(), Some(1));
        assert_eq!(pairs.write().unwrap(), LIST);
        let padded = [LIST, &[0; 4]].concat();
        assert_eq!(AvPairs::read(&padded), Some(pairs));
    }

    #[test]
    fn sets_an_attribute_in_its_place_and_once() {
        let mut pairs = AvPairs::read(LIST).unwrap();
        pairs.set(id::FLAGS, &3_u32.to_le_bytes());
        let set = b"\x02\0\x02\0D\0\x06\0\x04\0\x03\0\0\0\x01\0\x02\0S\0\0\0\0\0";
        assert_eq!(pairs.write().unwrap(), set);
        pairs.set(id::TARGET_NAME, b"");
        assert_eq!(
            pairs.write().unwrap(),
            [&set[..20], &[9, 0, 0, 0, 0, 0, 0, 0]].concat()
        );
        // The server sends the attributes twice.
        let twice = [&LIST[..14], LIST].concat();
        let mut pairs = AvPairs::read(&twice).unwrap();
        pairs.set(id::FLAGS, &3_u32.to_le_bytes());
        let written = pairs.write().unwrap();
        assert_eq!(
            written,
            [&set[..14], b"\x02\0\x02\0D\0", &set[14..]].concat()
        );
    }

    #[test]
    fn rejects_a_list_that_is_cut() {
        for end in 0..LIST.len() {
            assert_eq!(AvPairs::read(&LIST[..end]), None, "{end}");
        }
        assert_eq!(AvPairs::read(&[0, 0, 1, 0, 7]), None);
    }

    #[test]
    fn rejects_a_value_that_is_too_long() {
        let mut pairs = AvPairs::default();
        pairs.set(id::TARGET_NAME, &[0; 0x1_0000]);
        assert_eq!(pairs.write(), None);
    }
}
