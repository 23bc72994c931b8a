//! Streams instances to the output.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use wsman::cim::{Class, Name, Property};
use wsman::{Error, Instance, InstancePath, Rows};

use crate::app::App;
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::render::Sink;

/// How long a release may take before the program ends without it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Which rows, and which of their properties first.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    pub(super) limit: Option<u64>,
    pub(super) properties: Vec<&'a str>,
    /// The instance that the rows are associated with.
    pub(super) of: Option<&'a InstancePath>,
    /// The property by which an association refers to another instance; a server cannot select by it.
    pub(super) refers: Option<&'a str>,
    /// The class that each row is of, without its subclasses.
    pub(super) class: Option<&'a Name>,
    /// The class whose properties alone are printed.
    pub(super) base: Option<Arc<Class>>,
}

impl Wanted<'_> {
    /// Returns whether to print a row. Windows takes no notice of a polymorphism mode, and sends the
    /// instances of subclasses as well.
    fn has(&self, row: &Instance) -> bool {
        let refers = |role| refers(row, role, self.of);
        self.refers.is_none_or(refers) && self.class.is_none_or(|class| row.class() == class)
    }

    /// Returns a row without the properties of its subclass.
    fn reduced(&self, row: Instance) -> Instance {
        match &self.base {
            Some(base) if row.xml().is_none() => {
                let properties = row.properties().iter();
                let of_base = properties.filter(|own| base.property(own.name().as_str()).is_some());
                with(&row, of_base)
            }
            _ => row,
        }
    }
}

/// Prints rows as they arrive, up to a limit, and releases the enumeration however it ends.
pub(super) async fn print(
    app: &App,
    host: &Host,
    mut rows: Rows<Instance>,
    wanted: &Wanted<'_>,
    out: &Sink,
) -> Result<Exit, Failure> {
    let printed = tokio::select! {
        biased;
        () = app.interrupt.pressed() => Err(Failure::Interrupted),
        printed = print_all(host, &mut rows, wanted, out) => printed,
    };
    release(rows).await;
    let count = printed?;
    match wanted.of {
        // Some servers have no associations of an instance whose class is missing, and no error.
        Some(path) if count == 0 => check_class(host, path).await?,
        _ => {}
    }
    Ok(Exit::Done)
}

async fn check_class(host: &Host, path: &InstancePath) -> Result<(), Failure> {
    if host.schema.is_missing(path.namespace(), path.class()).await {
        return Err(Failure::no_class(path.class()));
    }
    Ok(())
}

async fn print_all(
    host: &Host,
    rows: &mut Rows<Instance>,
    wanted: &Wanted<'_>,
    out: &Sink,
) -> Result<u64, Failure> {
    let most = wanted.limit.unwrap_or(u64::MAX);
    let mut count = 0;
    let mut progress = Progress::of_rows(out);
    while count < most
        && let Some(row) = next(rows, out).await?
    {
        let row = host.schema.typed(row.map_err(Failure::Read)?).await;
        let row = row.map_err(Failure::Read)?;
        if !wanted.has(&row) {
            continue;
        }
        out.instance(&ordered(wanted.reduced(row), &wanted.properties))?;
        count += 1;
        progress.read(rows.bytes());
    }
    Ok(count)
}

/// Returns whether a property of an association refers to another instance than this one.
fn refers(row: &Instance, role: &str, of: Option<&InstancePath>) -> bool {
    let path = row
        .value(role)
        .and_then(|value| value.to::<InstancePath>().ok());
    path.is_some_and(|path| of.is_none_or(|of| !path.same_instance(of)))
}

/// Puts the named properties first, in the order of the caller: servers have their own.
fn ordered(row: Instance, names: &[&str]) -> Instance {
    // The raw form is printed as it was received.
    if names.is_empty() || row.xml().is_some() {
        return row;
    }
    let named = names.iter().filter_map(|name| row.property(name));
    with(&row, named.chain(row.properties()))
}

/// Returns a row with these of its properties, in their order.
fn with<'a>(row: &Instance, properties: impl Iterator<Item = &'a Property>) -> Instance {
    let mut chosen = Instance::new(row.class().clone());
    for property in properties {
        if chosen.property(property.name().as_str()).is_none() {
            chosen.set(property.name().clone(), property.value().clone());
        }
    }
    match row.path() {
        Some(path) => chosen.with_path(path),
        None => chosen,
    }
}

/// Returns the next row. If it has not arrived yet, the rows before it are printed first.
async fn next(
    rows: &mut Rows<Instance>,
    out: &Sink,
) -> Result<Option<Result<Instance, Error>>, Failure> {
    let mut next = pin!(rows.next());
    match poll_fn(|context| Poll::Ready(next.as_mut().poll(context))).await {
        Poll::Ready(row) => Ok(row),
        Poll::Pending => {
            out.flush()?;
            Ok(next.await)
        }
    }
}

/// Counts rows, and releases the enumeration however it ends.
pub(super) async fn count<R: 'static>(
    app: &App,
    mut rows: Rows<R>,
    out: &Sink,
) -> Result<u64, Failure> {
    let mut count = 0u64;
    let mut progress = Progress::of_unprinted_rows(out);
    let counted = tokio::select! {
        biased;
        () = app.interrupt.pressed() => Err(Failure::Interrupted),
        counted = async {
            while let Some(row) = rows.next().await {
                row?;
                count += 1;
                progress.read(rows.bytes());
            }
            Ok::<_, Error>(())
        } => counted.map_err(Failure::Read),
    };
    release(rows).await;
    counted.map(|()| count)
}

/// Releases an enumeration; a server that does not answer keeps it until it expires there.
pub(super) async fn release<R: 'static>(rows: Rows<R>) {
    let _ = tokio::time::timeout(PATIENCE, rows.release()).await;
}
