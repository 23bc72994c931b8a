//! The median of rounds, and their spread.

/// Returns the quartiles of the list.
pub(crate) fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| {
        values
            .get(values.len() * quarter / 4)
            .copied()
            .unwrap_or(f64::NAN)
    })
}
