//! The form of queries: as the caller set it, else by the vendor in the server's Identify.

use super::call::{Call, invalid_parameter};
use super::identify::Identify;
use super::request::Run;
use crate::cim::wql::Query;
use crate::error::{Error, Failure, OperationKind, Subject};
use crate::protocol::{Identity, WireForm};

impl Call {
    /// Returns the text of a query in the form that the server reads. If the forms of this query differ
    /// and the caller set none, the session sends one Identify.
    pub(super) async fn query_text(&self, query: &Query) -> Result<String, Error> {
        if query.is_empty() {
            return Err(Error::InvalidParameter(Failure::new("the query is empty")));
        }
        let text = query.per_form();
        if let Some(same) = text.same() {
            let same = same.map(str::to_owned);
            return same.map_err(|error| invalid_parameter(error.clone()));
        }
        let form = self.form_of_queries().await?;
        let text = text.get(form).map(str::to_owned);
        text.map_err(|error| Error::from(error.clone()))
    }

    async fn form_of_queries(&self) -> Result<WireForm, Error> {
        if let Some(form) = self.session().settings().form {
            return Ok(form);
        }
        let learned = self.session().learned_form();
        learned.get_or_try_init(|| self.learn_form()).await.copied()
    }

    async fn learn_form(&self) -> Result<WireForm, Error> {
        let identity = Identify::default().perform(&mut self.apart()).await;
        let identity = identity.map_err(|error| {
            let identify = || Subject::of(OperationKind::Identify);
            error.before_sending().preparing(identify)
        })?;
        form_of(&identity)
    }
}

/// Returns the form in which a server reads queries.
fn form_of(server: &Identity) -> Result<WireForm, Error> {
    let vendor = server.product_vendor.as_str();
    let known = [
        ("Microsoft", WireForm::Windows),
        ("Open Management Infrastructure", WireForm::Omi),
        ("Openwsman", WireForm::Openwsman),
    ];
    let known = known.into_iter().find(|(name, _)| vendor.starts_with(name));
    known.map(|(_, form)| form).ok_or_else(|| {
        let text = format!(
            "servers read this query differently, and the form of {vendor:?} is unknown: set \
             SessionBuilder::wire_form"
        );
        Error::Config(Failure::new(text))
    })
}
