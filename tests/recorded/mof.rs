//! MOF of others, in the folder that `WSMAN_MOF` names: the CIM schema 2.32 of the DMTF. The numbers are
//! those of pywbem's compiler (1.9.1).

#![allow(clippy::unwrap_used)]

use std::path::Path;

use libtest_mimic::Trial;
use wsman::cim::mof::{Mof, MofReader};

pub(crate) fn trials(root: &Path) -> Vec<Trial> {
    let schema = root.join("cim-2.32.0");
    let file = schema.join("cim_schema_2.32.0.mof");
    let read = |path: &Path| {
        MofReader::new()
            .path(path)
            .map_err(|error| error.to_string())
    };
    vec![
        Trial::test("MOF of the DMTF, by its includes", move || {
            compare(&read(&file)?);
            Ok(())
        }),
        Trial::test("MOF of the DMTF, by its folder", move || {
            // Four files are not included.
            assert_eq!(read(&schema)?.classes().count(), 1422);
            Ok(())
        }),
    ]
}

fn compare(mof: &Mof) {
    let methods = || mof.classes().flat_map(|class| class.methods());
    let parameters = methods().map(|method| method.parameters.len());
    assert_eq!(mof.classes().count(), 1418);
    assert_eq!(methods().count(), 209);
    assert_eq!(parameters.sum::<usize>(), 655);
    let class = |name: &str| mof.classes().find(|class| *class.name() == *name).unwrap();
    let service = class("CIM_Service");
    let keys: Vec<_> = service.keys().map(|key| key.name.as_str()).collect();
    assert_eq!(
        keys,
        [
            "SystemCreationClassName",
            "SystemName",
            "CreationClassName",
            "Name"
        ]
    );
    assert!(
        service
            .qualifier("Version")
            .is_some_and(|version| !version.to_subclass)
    );
    let job = class("CIM_ConcreteJob")
        .property("TimeBeforeRemoval")
        .unwrap();
    assert_eq!(job.default.to_string(), "00000000000500.000000:000");
    assert!(job.not_null);
    let inherited = class("CIM_PolicyAction")
        .property("CreationClassName")
        .unwrap();
    assert!(inherited.key);
}
