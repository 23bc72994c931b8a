//! Checks associators and references.

use wsman::cim::Value;
use wsman::{Instance, InstancePath, Session};

use crate::target::{Outcome, Target, Unable, Wrong, able};

/// The ends of an association: the names of its references and their targets.
fn ends(association: &Instance) -> Vec<(&str, &InstancePath)> {
    association
        .properties()
        .iter()
        .filter_map(|property| match property.value() {
            Value::Reference(path) => Some((property.name().as_str(), &**path)),
            _ => None,
        })
        .collect()
}

/// Follows one association to the associated instances and back.
pub(crate) async fn both_ends_of_an_association(session: &Session, target: &Target) -> Outcome {
    let class = target.association()?;
    let mut rows = session.enumerate_instances(class).max_elements(1).stream();
    let Some(association) = rows.next().await else {
        return Err(Unable(format!("{class} has no instances")));
    };
    let association = able("enumerate associations", association)?;
    able("release", rows.release().await)?;
    let ends = ends(&association);
    let [(near_role, near), (far_role, far)] = ends[..] else {
        panic!("{association:?} has {} ends", ends.len());
    };
    let others = session
        .associators(near)
        .association_class(class)
        .role(near_role)
        .result_role(far_role);
    for others in [others.clone(), others.max_elements(1).unoptimized()] {
        let others = able("find associators", others.await)?;
        let is_far = |other: &Instance| other.path().is_some_and(|path| path.same_instance(far));
        assert!(others.iter().any(is_far), "{far} is not in {others:?}");
    }
    let references = session.references(near).result_class(class).role(near_role);
    let references = able("find references", references.await)?;
    let own = association.path().unwrap();
    let is_own = |row: &Instance| row.path().is_some_and(|path| path.same_instance(&own));
    assert!(
        references.iter().any(is_own),
        "{own} is not in {references:?}"
    );
    Ok(())
}

pub(crate) async fn an_instance_without_associations(
    session: &Session,
    target: &Target,
) -> Outcome {
    let class = target.association()?;
    target.create(session, 1).await?;
    let associators = session.associators(target.path()).association_class(class);
    let associators = able("find associators", associators.await)?;
    assert!(associators.is_empty(), "{associators:?}");
    let references = session.references(target.path()).result_class(class);
    let references = able("find references", references.await)?;
    assert!(references.is_empty(), "{references:?}");
    Ok(())
}

fn computer() -> InstancePath {
    InstancePath::new("Win32_ComputerSystem").with_key("Name", "simulator")
}

fn service(name: &str) -> InstancePath {
    InstancePath::new("Win32_Service").with_key("Name", name)
}

fn names(rows: &[Instance]) -> Vec<String> {
    let mut names: Vec<String> = rows.iter().map(|row| row.get("Name").unwrap()).collect();
    names.sort_unstable();
    names
}

pub(crate) async fn associators_of_the_computer(session: &Session, _: &Target) -> Outcome {
    let all = || session.associators(computer());
    let narrowed = [
        all(),
        all().association_class("Win32_SystemServices"),
        all().result_class("Win32_Service"),
        all().result_class("CIM_ManagedSystemElement"),
        all().role("GroupComponent"),
        all().result_role("PartComponent"),
        all()
            .association_class("Win32_SystemServices")
            .result_class("Win32_Service")
            .role("GroupComponent")
            .result_role("PartComponent"),
        all().max_elements(2),
    ];
    for request in narrowed {
        let rows = able("find associators", request.await)?;
        assert_eq!(rows.len(), 13);
        assert!(rows.iter().all(|row| *row.class() == "Win32_Service"));
    }
    for request in [
        all().role("PartComponent"),
        all().result_role("GroupComponent"),
        all().association_class("Win32_DependentService"),
        all().result_class("Win32_Share"),
    ] {
        assert!(able("find associators", request.await)?.is_empty());
    }
    Ok(())
}

pub(crate) async fn associators_by_role(session: &Session, _: &Target) -> Outcome {
    let of = |name| {
        let path = service(name);
        let associators = session.associators(&path);
        associators.association_class("CIM_Dependency")
    };
    let needing = able("find associators", of("RpcSs").role("Antecedent").await)?;
    let needing = names(&needing);
    assert_eq!(needing, ["BFE", "Schedule", "Spooler", "WinRM", "wuauserv"]);
    let needed = able("find associators", of("Schedule").role("Dependent").await)?;
    assert_eq!(names(&needed), ["EventLog", "RpcSs"]);
    let both = able("find associators", of("BFE").await)?;
    assert_eq!(names(&both), ["MpsSvc", "RpcSs"]);
    let all = able(
        "find associators",
        session.associators(service("BFE")).await,
    )?;
    assert_eq!(names(&all), ["MpsSvc", "RpcSs", "simulator"]);
    Ok(())
}

pub(crate) async fn references_by_role(session: &Session, _: &Target) -> Outcome {
    let of = |name| session.references(service(name));
    let counts = [
        (of("BFE"), 3),
        (of("BFE").role("PartComponent"), 1),
        (of("BFE").role("Antecedent"), 1),
        (of("BFE").role("GroupComponent"), 0),
        (of("BFE").result_class("CIM_Dependency"), 2),
        (of("BFE").result_class("Win32_SystemServices"), 1),
        (
            of("RpcSs").result_class("CIM_Dependency").max_elements(2),
            5,
        ),
    ];
    for (request, count) in counts {
        let rows = able("find references", request.await)?;
        assert_eq!(rows.len(), count);
        for row in &rows {
            let is_near = |(_, end): &(&str, &InstancePath)| *end.class() == "Win32_Service";
            assert!(ends(row).iter().any(is_near), "{row:?}");
        }
    }
    Ok(())
}

pub(crate) async fn associations_as_paths(session: &Session, _: &Target) -> Outcome {
    let services = session.associators(computer()).paths().max_elements(3);
    let services = able("find associators", services.await)?;
    assert_eq!(services.len(), 13);
    for path in &services {
        able("get", session.get_instance(path).await)?;
    }
    let references = session.references(computer()).paths();
    let references = able("find references", references.await)?;
    assert_eq!(references.len(), 13);
    for path in references.iter().take(2) {
        let association = able("get", session.get_instance(path).await)?;
        assert_eq!(ends(&association).len(), 2);
    }
    let bare = session.associators(computer()).without_paths();
    assert_eq!(able("find associators", bare.await)?.len(), 13);
    Ok(())
}

pub(crate) async fn associations_of_a_missing_instance(
    session: &Session,
    target: &Target,
) -> Outcome {
    let path = service("Wsman_NoSuchService");
    let associators = session.associators(&path).await;
    let found = target.answers(Wrong::NoObject, associators);
    assert!(found.is_none_or(|rows| rows.is_empty()));
    let references = session.references(&path).await;
    let found = target.answers(Wrong::NoObject, references);
    assert!(found.is_none_or(|rows| rows.is_empty()));
    Ok(())
}
