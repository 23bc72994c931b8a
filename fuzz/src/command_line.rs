//! The words of a command line.

use wsman_cli::fuzzing;

use crate::messages::goes_back;

/// Words, one a line: each is read in every role that a word can have.
pub fn values(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let words: Vec<String> = text.lines().map(str::to_owned).collect();
    if let Ok((names, instance)) = fuzzing::assignments(&words) {
        let assigned = words.iter().filter(|word| !word.contains("=@"));
        for (word, name) in assigned.zip(&names) {
            let rest = word.strip_prefix(name.as_str());
            assert!(
                rest.is_some_and(|rest| rest.starts_with(['=', ':'])),
                "{word:?}: {name:?}"
            );
        }
        instance.iter().for_each(goes_back);
    }
    for word in &words {
        let _ = fuzzing::target(word);
        let (.., pair) = fuzzing::units(word);
        assert!(pair.is_none_or(|pair| pair == *word));
    }
    if let Ok(json) = fuzzing::json(text) {
        let again = fuzzing::json(&json).expect("it reads what it wrote");
        assert_eq!(again, json);
    }
}
