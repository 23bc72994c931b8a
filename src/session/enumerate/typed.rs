//! Typed rows: reads instances into a struct of the caller.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::dialect::QueryDialect;
use super::paging::EnumerateRequest;
use super::{Enumerates, Paging, Plan, PlanRows};
use crate::cim::wql::{Condition, Query};
use crate::cim::{CimClass, Name, field_names};
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::Row;
use crate::session::Session;
use crate::session::call::Call;
use crate::session::request::Request;
use crate::session::target::Target;

/// The operation of [`Session::enumerate`] and [`Session::query`]: `T` is the struct.
#[derive(Clone, Debug)]
pub struct TypedRows<T> {
    condition: Option<Condition>,
    whole: bool,
    paging: Paging,
    row: PhantomData<fn() -> T>,
}

/// A struct of the caller into which rows are read.
pub trait RowStruct: CimClass + DeserializeOwned + Send + 'static {}

impl<T: CimClass + DeserializeOwned + Send + 'static> RowStruct for T {}

impl Session {
    /// Reads the instances of a struct's class into that struct. The query selects only the properties
    /// for which the struct has fields. For a struct with a flattened field it selects all.
    ///
    /// # Errors
    /// [`Error::Value`] for a row that does not fit the struct: it names the row (counted from 0), the
    /// property, its text and the expected type. A [`stream`](Request::stream) continues after it;
    /// awaiting the request fails with the first. Otherwise as
    /// [`query_instances`](Session::query_instances).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct Share { name: String, path: Option<String> }
    /// impl wsman::cim::CimClass for Share { const CLASS: &'static str = "Win32_Share"; }
    ///
    /// for share in session.enumerate::<Share>().await? {
    ///     println!("{} is {}", share.name, share.path.unwrap_or_default());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn enumerate<T: RowStruct>(&self) -> Request<TypedRows<T>> {
        self.typed_rows(None)
    }

    /// Reads the instances that match a condition, as [`enumerate`](Session::enumerate) does. Build the
    /// condition with [`wql::property`](crate::cim::wql::property), which escapes values; a text is sent
    /// unchanged.
    ///
    /// # Errors
    /// As [`enumerate`](Session::enumerate).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// # #[derive(serde::Deserialize)]
    /// # #[serde(rename_all = "PascalCase")]
    /// # struct Share { name: String }
    /// # impl wsman::cim::CimClass for Share { const CLASS: &'static str = "Win32_Share"; }
    /// use wsman::cim::wql::property;
    /// let mut shares = session.query::<Share>(property("Name").starts_with("p")).stream();
    /// while let Some(share) = shares.next().await {
    ///     println!("{}", share?.name);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn query<T: RowStruct>(&self, condition: impl Into<Condition>) -> Request<TypedRows<T>> {
        self.typed_rows(Some(condition.into()))
    }

    fn typed_rows<T>(&self, condition: Option<Condition>) -> Request<TypedRows<T>> {
        Request::new(
            self,
            TypedRows {
                condition,
                whole: false,
                paging: Paging::default(),
                row: PhantomData,
            },
        )
    }
}

impl<T> Request<TypedRows<T>> {
    /// Requests all properties, not only those of the struct. Without a condition this is an enumeration
    /// of the class, which servers without a query language also support.
    pub fn whole_instances(mut self) -> Self {
        self.operation.whole = true;
        self
    }
}

impl<T: RowStruct> Enumerates for TypedRows<T> {
    type Row = T;
}

impl<T: RowStruct> PlanRows<T> for TypedRows<T> {
    fn plan(&mut self, call: &Call) -> Result<Plan<T>, Error> {
        let class = Name::new(T::CLASS);
        let fields = if self.whole { None } else { field_names::<T>() };
        let (target, query) = match (self.condition.clone(), self.whole) {
            (None, true) => (Target::class(call, class.clone())?, None),
            (condition, _) => {
                let picked = fields.unwrap_or_default().iter().copied();
                let query = Query::new(class.clone()).properties(picked);
                let query = match condition {
                    Some(condition) => query.matching(condition),
                    None => query,
                };
                let query = (query, QueryDialect::Wql);
                (Target::all_classes(call, None)?, Some(query))
            }
        };
        Ok(Plan {
            target,
            question: EnumerateRequest {
                query,
                ..EnumerateRequest::default()
            },
            paging: std::mem::take(&mut self.paging),
            typing: None,
            class: Some(class),
            read: Box::new(struct_of),
        })
    }

    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }

    fn kind(&self) -> OperationKind {
        if self.condition.is_some() {
            OperationKind::Query
        } else {
            OperationKind::Enumerate
        }
    }

    fn subject(&self) -> Subject {
        Subject::class(self.kind(), T::CLASS)
    }
}

fn struct_of<T: DeserializeOwned>(row: &mut Row, _: &Target) -> Option<Result<T, Error>> {
    let read = row.instance.as_mut()?.move_into_struct();
    Some(read.map_err(|error| Error::from(error).of_read()))
}
