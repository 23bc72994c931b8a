//! Converts the values of instances and rows to the types of their classes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

use super::get_class::{known_class, of_class};
use crate::cim::{Char16Text, Class, Instance, Name, Namespace};
use crate::error::Error;
use crate::session::call::Call;
use crate::session::operation::without_result;

/// Converts the values of an instance to the types of its own class, which may be derived from the
/// requested one.
pub(in crate::session) async fn typed(call: &Call, instance: Instance) -> Result<Instance, Error> {
    let class = known_class(call, instance.namespace(), instance.class()).await;
    let class = class.map_err(|error| of_class(error, instance.class()))?;
    Ok(instance.typed_in(&class, call.form().char16_text()))
}

/// Converts the rows of a stream, one after the other.
pub(in crate::session) struct Typing<R> {
    call: Call,
    instance: fn(&R) -> &Instance,
    apply: fn(R, &Class, Char16Text) -> R,
    /// The class of the latest row: most rows are of one class.
    last: Option<(Option<Namespace>, Name, Arc<Class>)>,
    waiting: Option<Waiting<R>>,
}

/// A row and its class. A separate task reads the class, and fills the cache even if the stream is
/// dropped, unless the rows are cancelled.
enum Waiting<R> {
    Known(R, Arc<Class>),
    Asked(R, JoinHandle<Result<Arc<Class>, Error>>),
}

impl Typing<Instance> {
    /// Makes the conversion for the rows of a call that requests types.
    pub(in crate::session) fn of(call: &Call) -> Option<Self> {
        call.is_typed().then(|| Self {
            call: call.clone(),
            instance: |row| row,
            apply: |row, class, char16_text| row.typed_in(class, char16_text),
            last: None,
            waiting: None,
        })
    }
}

impl<R> Typing<R> {
    pub(in crate::session) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Takes the next row. Must be called inside the runtime of the stream.
    pub(in crate::session) fn take(&mut self, row: R) {
        let (namespace, class) = place((self.instance)(&row));
        let known = self
            .last
            .as_ref()
            .filter(|(last_namespace, last_class, _)| {
                *last_class == class && *last_namespace == namespace
            });
        self.waiting = Some(match known {
            Some((.., known)) => Waiting::Known(row, Arc::clone(known)),
            None => {
                let call = self.call.clone();
                let asked = async move {
                    tokio::select! {
                        biased;
                        () = call.progress().stopped() => Err(call.progress().cancelled()),
                        known = known_class(&call, namespace.as_ref(), &class) => {
                            known.map_err(|error| of_class(error, &class))
                        }
                    }
                };
                Waiting::Asked(row, tokio::spawn(asked))
            }
        });
    }

    /// Returns the converted row; `None` if no row was taken.
    pub(in crate::session) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<R, Error>>> {
        let (row, class) = match self.waiting.take() {
            None => return Poll::Ready(None),
            Some(Waiting::Known(row, class)) => (row, Ok(class)),
            Some(Waiting::Asked(row, mut asked)) => match Pin::new(&mut asked).poll(context) {
                Poll::Ready(Ok(class)) => (row, class),
                Poll::Ready(Err(gone)) => (row, Err(without_result(gone, self.call.progress()))),
                Poll::Pending => {
                    self.waiting = Some(Waiting::Asked(row, asked));
                    return Poll::Pending;
                }
            },
        };
        Poll::Ready(Some(class.map(|class| {
            let (namespace, name) = place((self.instance)(&row));
            let typed = (self.apply)(row, &class, self.call.form().char16_text());
            self.last = Some((namespace, name, class));
            typed
        })))
    }
}

fn place(instance: &Instance) -> (Option<Namespace>, Name) {
    (instance.namespace().cloned(), instance.class().clone())
}
