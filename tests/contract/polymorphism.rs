//! Checks the instances of subclasses, on those of the simulator's sample.

use wsman::enumerate::PolymorphismMode;
use wsman::{Instance, Session};

use crate::target::{Outcome, Target, able};

/// Returns the class of each row, and whether it has a property that only its own class has.
fn shapes(rows: &[Instance]) -> Vec<(&str, bool)> {
    let has_own = |row: &Instance| row.value("Radius").is_some() || row.value("Side").is_some();
    let mut shapes: Vec<_> = rows
        .iter()
        .map(|row| (row.class().as_str(), has_own(row)))
        .collect();
    shapes.sort_unstable();
    shapes
}

const BOTH: [(&str, bool); 2] = [("Demo_Circle", true), ("Demo_Square", true)];

pub(crate) async fn deep_by_itself(session: &Session, _: &Target) -> Outcome {
    let rows = able("enumerate", session.enumerate_instances("Demo_Shape").await)?;
    assert_eq!(shapes(&rows), BOTH);
    for row in &rows {
        let path = row.path().unwrap();
        assert_eq!(path.class(), row.class(), "the path names the own class");
        let read = able("get", session.get_instance(&path).await)?;
        assert_eq!(read.class(), row.class());
    }
    let paths = able("enumerate", session.enumerate_paths("Demo_Shape").await)?;
    assert_eq!(paths.len(), 2);
    let query = session.query_instances("SELECT * FROM Demo_Shape").await;
    assert_eq!(shapes(&able("query", query)?), BOTH);
    Ok(())
}

pub(crate) async fn each_mode(session: &Session, target: &Target) -> Outcome {
    let in_mode = async |mode| {
        let rows = session.enumerate_instances("Demo_Shape").polymorphism(mode);
        able("enumerate in a mode", rows.max_elements(1).await)
    };
    assert_eq!(shapes(&in_mode(PolymorphismMode::Deep).await?), BOTH);
    let shallow = in_mode(PolymorphismMode::Shallow).await?;
    let base = in_mode(PolymorphismMode::DeepBasePropertiesOnly).await?;
    if target.manners().heeds_polymorphism {
        assert_eq!(shapes(&shallow), []);
        assert_eq!(base.len(), 2);
        assert!(base.iter().all(|row| row.value("Color").is_some()));
        assert!(shapes(&base).iter().all(|(_, has_own)| !has_own));
    } else {
        assert_eq!(shapes(&shallow), BOTH);
        assert_eq!(shapes(&base), BOTH);
    }
    Ok(())
}
