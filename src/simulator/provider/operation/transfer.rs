//! Get, Put, Create and Delete (WS-Transfer).

use crate::cim::{Instance, Value};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::model::semantics::{self, CimFailure, RequestTarget, Scope};
use crate::simulator::provider::fragment::Fragment;
use crate::simulator::provider::operation::Call;
use crate::simulator::provider::put_options;
use crate::simulator::provider::request::RequestBody;

impl Call<'_> {
    pub(super) fn get(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let fragment = self.fragment()?;
        let found = semantics::get(self.repository(), target, self.dialect().rules())?;
        match fragment {
            Some(fragment) => self.frame(target).fragment(&fragment, &found),
            None => Ok(self.frame(target).instance(&found)?),
        }
    }

    pub(super) fn put(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let rules = self.dialect().rules();
        if let Some(fragment) = self.fragment()? {
            if fragment.index.is_some() {
                return Err(ProtocolFailure::FragmentPath.into());
            }
            let body = fragment.as_instance(&self.resource.class, self.fragment_value()?);
            let scope = Scope::Only {
                names: vec![fragment.property.clone()],
                nulls: true,
            };
            let found = semantics::put(self.repository(), target, &body, &scope, rules)?;
            return self.frame(target).fragment(&fragment, &found);
        }
        let body = self.body()?;
        let scope = if self.dialect().honours_put_options() {
            put_options::scope(&self.request.header.options)?
        } else {
            Scope::Whole
        };
        let found = semantics::put(self.repository(), target, body, &scope, rules)?;
        Ok(self.frame(target).instance(&found)?)
    }

    pub(super) fn create(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        let (namespace, class) = (target.namespace, target.class);
        let body = self.body()?;
        let rules = self.dialect().rules();
        let path = semantics::create(self.repository(), namespace, class, body, rules)?;
        Ok(self.frame(target).created(&path)?)
    }

    pub(super) fn delete(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        semantics::delete(self.repository(), target, self.dialect().rules())?;
        Ok(self.frame(target).empty()?)
    }

    fn fragment(&self) -> Result<Option<Fragment>, RequestFailure> {
        let expression = self.request.header.fragment.as_deref();
        let parsed = expression
            .map(|expression| Fragment::parse(expression).ok_or(ProtocolFailure::FragmentPath));
        Ok(parsed.transpose()?)
    }

    fn fragment_value(&self) -> Result<Value, RequestFailure> {
        match &self.request.body {
            RequestBody::Fragment(value) => Ok(value.clone()),
            _ => Err(CimFailure::MissingBody.into()),
        }
    }

    /// Returns the instance in the body. openwsman requires its element in the namespace of the
    /// resource URI.
    fn body(&self) -> Result<&Instance, RequestFailure> {
        match &self.request.body {
            RequestBody::Instance(instance, uri) => {
                let expected = self.request.header.resource_uri.as_deref();
                if self.dialect() == Dialect::Openwsman && uri.as_deref() != expected {
                    let (wanted, found) = (self.resource.class.clone(), instance.class().clone());
                    return Err(CimFailure::OtherClass { wanted, found }.into());
                }
                Ok(instance)
            }
            RequestBody::Class => Err(CimFailure::ClassAsInstance.into()),
            _ => Err(CimFailure::MissingBody.into()),
        }
    }
}
