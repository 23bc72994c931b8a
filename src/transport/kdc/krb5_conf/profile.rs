//! The tree of sections and relations in the files of `krb5.conf`.

use std::collections::BTreeMap;

/// The files in order. A relation of an earlier file comes before one of a later file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) files: Vec<Section>,
}

/// A section, or a subsection in braces. Sections of one name are merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// Whether later files cannot add to it (`*`).
    is_final: bool,
    relations: Vec<(String, String)>,
    sections: BTreeMap<String, Section>,
}

impl Profile {
    /// Returns the values of a relation, in order. The path names the sections and the relation.
    pub(super) fn values<'a>(&'a self, path: &[&str], name: &str) -> Vec<&'a str> {
        let mut values = Vec::new();
        for file in &self.files {
            let (section, is_final) = file.descend(path);
            if let Some(section) = section {
                let relations = section.relations.iter();
                let named = relations.filter(|(found, _)| found == name);
                values.extend(named.map(|(_, value)| value.as_str()));
            }
            if is_final {
                break;
            }
        }
        values
    }

    /// Returns the first value of a relation.
    pub(super) fn value(&self, path: &[&str], name: &str) -> Option<&str> {
        self.values(path, name).into_iter().next()
    }
}

impl Section {
    /// Returns the section of a path, and whether a section on the path is final.
    fn descend(&self, path: &[&str]) -> (Option<&Self>, bool) {
        let mut section = self;
        let mut is_final = false;
        for name in path {
            let Some(found) = section.sections.get(*name) else {
                return (None, is_final);
            };
            section = found;
            is_final |= found.is_final;
        }
        (Some(section), is_final)
    }

    /// Returns the section of a path, which is created if it is missing.
    fn create(&mut self, path: &[String]) -> &mut Self {
        let mut section = self;
        for name in path {
            section = section.sections.entry(name.clone()).or_default();
        }
        section
    }

    /// Adds a section, if it is new.
    pub(super) fn open(&mut self, path: &[String]) {
        self.create(path);
    }

    /// Marks a section as final.
    pub(super) fn finish(&mut self, path: &[String]) {
        self.create(path).is_final = true;
    }

    /// Adds a relation to a section.
    pub(super) fn add(&mut self, path: &[String], name: &str, value: String) {
        let relations = &mut self.create(path).relations;
        relations.push((name.to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn merges_sections_and_files() {
        let mut first = Section::default();
        first.add(&path(&["realms", "A"]), "kdc", "one".to_owned());
        first.add(&path(&["realms", "B"]), "kdc", "other".to_owned());
        first.add(&path(&["realms", "A"]), "kdc", "two".to_owned());
        let mut second = Section::default();
        second.add(&path(&["realms", "A"]), "kdc", "three".to_owned());
        let files = vec![first.clone(), second.clone()];
        let profile = Profile { files };
        assert_eq!(
            profile.values(&["realms", "A"], "kdc"),
            ["one", "two", "three"]
        );
        assert_eq!(profile.value(&["realms", "A"], "kdc"), Some("one"));
        assert_eq!(profile.value(&["realms"], "kdc"), None);

        // A final section ends the search, even for a realm that it does not have.
        first.finish(&path(&["realms"]));
        second.add(&path(&["realms", "C"]), "kdc", "late".to_owned());
        let files = vec![first, second];
        let profile = Profile { files };
        assert_eq!(profile.values(&["realms", "A"], "kdc"), ["one", "two"]);
        assert_eq!(profile.value(&["realms", "C"], "kdc"), None);
    }
}
