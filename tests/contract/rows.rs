//! Checks enumerations of a class with instances that the check creates.

use wsman::enumerate::EnumerateInstances;
use wsman::{Instance, InstancePath, Request, Session};

use crate::target::{Outcome, ROWS, Target, Wrong, able};

/// Returns the instances of the check among the rows, in the order of their numbers.
fn own(rows: Vec<Instance>, target: &Target) -> Vec<Instance> {
    let number = |row: &Instance| row.get::<u32>(&target.property).unwrap();
    let mut own: Vec<Instance> = rows.into_iter().filter(|row| is_own(row, target)).collect();
    own.sort_by_key(number);
    let numbers: Vec<u32> = own.iter().map(number).collect();
    assert_eq!(numbers, Vec::from_iter(1..=ROWS));
    own
}

fn is_own(row: &Instance, target: &Target) -> bool {
    let name: String = row.get(&target.key).unwrap();
    (1..=ROWS).any(|number| target.row(number).name == name)
}

fn all(session: &Session, target: &Target) -> Request<EnumerateInstances> {
    session.enumerate_instances(target.class.as_str())
}

pub(crate) async fn what_was_created_is_enumerated(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    let rows = able("enumerate", all(session, target).await)?;
    for (number, row) in (1..).zip(own(rows, target)) {
        let path = row.path().unwrap();
        assert!(path.same_instance(&target.row(number).path()), "{path}");
        assert_eq!(row.modified().count(), 0, "nothing was changed since");
        let mut read = able("get", session.get_instance(&path).await)?;
        read.set(target.property.as_str(), number + 10);
        able("put", session.modify_instance(&read).await)?;
        assert_eq!(target.row(number).number(session).await, number + 10);
    }
    Ok(())
}

pub(crate) async fn pages_of_any_size(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    for max_elements in [1, 2, ROWS, 1000] {
        for ahead in [0, 1, 3] {
            let paged = all(session, target).max_elements(max_elements);
            let paged = paged.pages_ahead(ahead);
            own(able("enumerate", paged.clone().await)?, target);
            own(able("enumerate", paged.unoptimized().await)?, target);
        }
    }
    Ok(())
}

pub(crate) async fn rows_without_paths(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    let bare = all(session, target).without_paths().await;
    let bare = own(able("enumerate", bare)?, target);
    let whole = own(able("enumerate", all(session, target).await)?, target);
    for (bare, whole) in bare.iter().zip(&whole) {
        assert!(
            bare.path()
                .is_none_or(|path| path.keys().named().is_empty())
        );
        assert_eq!(bare.properties().len(), whole.properties().len());
    }
    Ok(())
}

pub(crate) async fn paths_alone(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    for max_elements in [1, 1000] {
        let paths = session
            .enumerate_paths(target.class.as_str())
            .max_elements(max_elements);
        let paths = able("enumerate paths", paths.await)?;
        for number in 1..=ROWS {
            let wanted = target.row(number);
            let is_it = |path: &&InstancePath| path.same_instance(&wanted.path());
            let path = paths.iter().find(is_it).unwrap();
            let read = able("get", session.get_instance(path).await)?;
            assert_eq!(read.get::<u32>(&target.property).unwrap(), number);
        }
    }
    Ok(())
}

/// OMI accepts such a filter and silently returns all rows.
pub(crate) async fn rows_that_match(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    let third = target.row(3);
    let by_key = all(session, target).matching(target.key.as_str(), third.name.as_str());
    for request in [
        by_key.clone(),
        by_key.clone().matching(target.property.as_str(), 3u32),
    ] {
        let rows = able("enumerate what matches", request.await)?;
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(row.get::<u32>(&target.property).unwrap(), 3);
    }
    let neither = by_key.matching(target.property.as_str(), 4u32);
    assert!(able("enumerate what matches", neither.await)?.is_empty());
    Ok(())
}

pub(crate) async fn rows_of_an_operation(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    let mut operation = all(session, target).max_elements(2).start();
    let rows = loop {
        if let Some(rows) = operation.wait(std::time::Duration::from_millis(50)).await {
            break rows;
        }
    };
    own(able("enumerate", rows)?, target);
    Ok(())
}

pub(crate) async fn rows_left_early(session: &Session, target: &Target) -> Outcome {
    target.create_rows(session).await?;
    for ahead in [0, 1] {
        let left = all(session, target).max_elements(1).pages_ahead(ahead);
        let mut rows = left.clone().stream();
        able("enumerate", rows.next().await.unwrap())?;
        able("release", rows.release().await)?;
        let mut rows = left.stream();
        able("enumerate", rows.next().await.unwrap())?;
        drop(rows);
    }
    own(able("enumerate", all(session, target).await)?, target);
    Ok(())
}

pub(crate) async fn wrong_class_of_enumerate(session: &Session, target: &Target) -> Outcome {
    let missing = session.enumerate_instances("Wsman_NoSuchClass");
    target.answers(Wrong::ClassOfEnumerate, missing.clone().await);
    target.answers(Wrong::ClassOfEnumerate, missing.unoptimized().await);
    let paths = session.enumerate_paths("Wsman_NoSuchClass").await;
    target.answers(Wrong::ClassOfEnumerate, paths);
    Ok(())
}
