//! Checks queries: WQL as text, as conditions, and into structs.

use serde::Deserialize;
use wsman::cim::CimClass;
use wsman::cim::wql::{Condition, Query, is_a, property};
use wsman::{Instance, Session};

use crate::target::{Outcome, ROWS, Target, Wrong, able};

/// Returns the rows of the target's class that match a condition, with these properties or all.
async fn picked(
    session: &Session,
    target: &Target,
    properties: &[&str],
    condition: Condition,
) -> Result<Vec<Instance>, wsman::Error> {
    let query = Query::new(target.class.as_str()).properties(properties.iter().copied());
    let query = query.matching(condition);
    session.query_instances(query).max_elements(2).await
}

fn by_name(target: &Target) -> Condition {
    property(target.key.as_str()).eq(target.name.as_str())
}

pub(crate) async fn query_with_a_condition(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    for number in 1..=ROWS {
        let condition = by_name(&target.row(number));
        let rows = able("query", picked(session, target, &[], condition).await)?;
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(*row.class(), target.class.as_str());
        assert_eq!(row.get::<u32>(&target.property).unwrap(), number);
    }
    let both = by_name(&target.row(2)).or(by_name(&target.row(4)));
    let rows = able("query", picked(session, target, &[], both).await)?;
    let mut numbers: Vec<u32> = rows
        .iter()
        .map(|row| row.get(&target.property).unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 4]);
    Ok(())
}

pub(crate) async fn query_of_picked_properties(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    let second = target.row(2);
    let properties = [target.key.as_str(), target.property.as_str()];
    let rows = picked(session, target, &properties, by_name(&second)).await;
    let rows = able("query", rows)?;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(*row.class(), target.class.as_str());
    assert_eq!(row.get::<String>(&target.key).unwrap(), second.name);
    assert_eq!(row.get::<u32>(&target.property).unwrap(), 2);
    if let Some(other) = &target.other {
        assert!(row.value(other).is_none_or(|value| value.is_null()));
    }
    Ok(())
}

pub(crate) async fn query_that_picks_nothing(session: &Session, target: &Target) -> Outcome {
    let unknown = property(target.key.as_str()).eq(r"wsman'\nothing");
    let rows = able("query", picked(session, target, &[], unknown).await)?;
    assert!(rows.is_empty(), "{rows:?}");
    Ok(())
}

/// Texts with the characters that servers parse differently in a query.
const SPECIAL: [&str; 5] = [
    r"C:\logs\n",
    "O'Hara's",
    r#"say "hi""#,
    "100% [a_b]",
    "x[y]z_",
];

pub(crate) async fn query_for_special_characters(session: &Session, target: &Target) -> Outcome {
    let other = target.other()?;
    for (number, text) in (1..=ROWS).zip(SPECIAL) {
        let row = target.row(number).instance(number).with(other, text);
        able("create", session.create_instance(&row).await)?;
    }
    for (number, text) in (1..=ROWS).zip(SPECIAL) {
        let middle = &text[1..text.len() - 1];
        for condition in [
            property(other).eq(text),
            property(other).starts_with(text),
            property(other).contains(middle),
        ] {
            let shown = condition.to_string();
            let rows = able("query", picked(session, target, &[], condition).await)?;
            let [row] = &rows[..] else {
                panic!("{shown} picks {rows:?}")
            };
            assert_eq!(row.get::<u32>(&target.property).unwrap(), number, "{shown}");
        }
    }
    let quotes = picked(session, target, &[], property(other).eq(r#"'""#)).await;
    let found = target.answers(Wrong::BothQuotes, quotes);
    assert!(found.is_none_or(|rows| rows.is_empty()));
    Ok(())
}

/// Where a server has words for them.
pub(crate) async fn query_with_not_and_null(session: &Session, target: &Target) -> Outcome {
    let other = target.other()?;
    target.create_rows(session).await?;
    let of_rows = || property(target.key.as_str()).starts_with(format!("{}-", target.name));
    let small = of_rows().and(property(target.property.as_str()).le(2u32));
    let rows = able("query", picked(session, target, &[], small).await)?;
    assert_eq!(rows.len(), 2, "{rows:?}");
    let others = of_rows().and(property(target.property.as_str()).ne(2u32));
    let rows = able("query", picked(session, target, &[], others).await)?;
    assert_eq!(rows.len(), 4, "{rows:?}");
    for (wrong, condition, count) in [
        (Wrong::Negation, by_name(&target.row(2)).negated(), 4),
        (Wrong::IsNull, property(other).is_null(), 0),
        (Wrong::IsNull, property(other).is_not_null(), 5),
    ] {
        let shown = condition.to_string();
        let rows = picked(session, target, &[], of_rows().and(condition)).await;
        let rows = target.answers(wrong, rows);
        assert!(rows.is_none_or(|rows| rows.len() == count), "{shown}");
    }
    Ok(())
}

pub(crate) async fn wrong_query(session: &Session, target: &Target) -> Outcome {
    let rows = session.query_instances("SELEKT nothing").await;
    target.answers(Wrong::Query, rows);
    Ok(())
}

pub(crate) async fn wrong_class_of_query(session: &Session, target: &Target) -> Outcome {
    let rows = session.query_instances("SELECT * FROM Wsman_NoSuchClass");
    target.answers(Wrong::ClassOfQuery, rows.await);
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    name: String,
    state: String,
    process_id: u32,
    started: bool,
    description: Option<String>,
}

impl CimClass for Service {
    const CLASS: &'static str = "Win32_Service";
}

pub(crate) async fn conditions_of_every_kind(session: &Session, target: &Target) -> Outcome {
    let name = || property("Name");
    let conditions = [
        (property("State").eq("Stopped"), 2),
        (property("State").ne("Stopped"), 11),
        (property("ProcessId").gt(1900u32), 2),
        (property("ProcessId").le(868u32), 3),
        (property("Started").eq(false), 2),
        (name().starts_with("Lanman"), 2),
        (name().eq("Spooler").or(name().eq("' OR '1'='1")), 1),
    ];
    for (condition, count) in conditions {
        let text = condition.to_string();
        let rows = session.query::<Service>(condition).max_elements(5).await;
        assert_eq!(able("query", rows)?.len(), count, "{text}");
    }
    for (wrong, condition, count) in [
        (Wrong::IsNull, property("Description").is_null(), 13),
        (Wrong::Negation, name().starts_with("Lanman").negated(), 11),
        (Wrong::IsA, is_a("CIM_ManagedSystemElement"), 13),
    ] {
        let text = condition.to_string();
        let rows = session.query::<Service>(condition).max_elements(5).await;
        let rows = target.answers(wrong, rows);
        assert!(rows.is_none_or(|rows| rows.len() == count), "{text}");
    }
    Ok(())
}

pub(crate) async fn typed_rows(session: &Session, _: &Target) -> Outcome {
    let services = able("query", session.enumerate::<Service>().await)?;
    assert_eq!(services.len(), 13);
    let spooler = services.iter().find(|service| service.name == "Spooler");
    let spooler = spooler.unwrap();
    assert_eq!(
        (spooler.state.as_str(), spooler.process_id),
        ("Running", 1840)
    );
    assert!(spooler.started && spooler.description.is_none());
    Ok(())
}

pub(crate) async fn typed_rows_of_whole_instances(session: &Session, _: &Target) -> Outcome {
    let whole = session.enumerate::<Service>().whole_instances();
    let services = able("enumerate", whole.max_elements(5).await)?;
    assert_eq!(services.len(), 13);
    assert!(
        services
            .iter()
            .any(|service| service.name == "W32Time" && !service.started)
    );
    Ok(())
}
