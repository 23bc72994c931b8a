//! A simulator, a client, and requests in the form of each dialect.

use serde_json::{Value as Json, json};
use wsman::simulator::{Dialect, Simulator, sample};
use wsman::{Instance, InstancePath};

use super::client::{Client, Scheme};
use crate::realm::Realm;

const DMTF: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2";
const WMI: &str = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2";
const NAMESPACE: &str = "root/cimv2";

pub(crate) struct Setup {
    pub(crate) simulator: Simulator,
    client: Client,
    realm: Option<Realm>,
    scheme: Scheme,
}

impl Setup {
    pub(crate) async fn set(dialect: Dialect, scheme: Scheme) -> Self {
        let realm = if scheme.realm {
            Some(Realm::start().await)
        } else {
            None
        };
        let login = scheme.login(realm.as_ref());
        let builder = sample().dialect(dialect).logins([login]);
        let simulator = builder.start().await.unwrap();
        let client = Client::start(scheme, realm.as_ref(), &simulator, simulator.password()).await;
        Self {
            simulator,
            client,
            realm,
            scheme,
        }
    }

    /// Returns the client's result for an order.
    pub(crate) async fn ask(&mut self, order: Json) -> Json {
        self.client.ask(&order).await
    }

    /// Returns the client's result for an order; panics on a fault.
    pub(crate) async fn done(&mut self, order: Json) -> Json {
        let mut answer = self.ask(order).await;
        match answer.get_mut("done") {
            Some(done) => done.take(),
            None => panic!("{answer}"),
        }
    }

    /// Returns the result of another client, which has the wrong password.
    pub(crate) async fn ask_with_wrong_password(&self, order: Json) -> Json {
        let client = Client::start(self.scheme, self.realm.as_ref(), &self.simulator, "wrong");
        client.await.ask(&order).await
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.simulator.dialect()
    }

    /// Creates an order about a class. For Windows it uses the WMI form, with the namespace in the
    /// resource URI; for others the DMTF form, with a selector for the namespace.
    pub(crate) fn of_class(&self, what: &str, class: &str) -> Json {
        let (prefix, selectors) = match self.dialect() {
            Dialect::Windows => (WMI, json!({})),
            _ => (DMTF, json!({"__cimnamespace": NAMESPACE})),
        };
        let uri = format!("{prefix}/{class}");
        json!({"do": what, "uri": uri, "class": class, "selectors": selectors})
    }

    /// Does the same for the instance with these keys, which are text.
    pub(crate) fn of_instance(&self, what: &str, path: &InstancePath) -> Json {
        let mut order = self.of_class(what, path.class().as_str());
        for key in path.keys().named() {
            order["selectors"][key.name.as_str()] = key.value.as_str().unwrap().into();
        }
        order
    }

    /// Returns the instance as it is in the repository.
    pub(crate) fn kept(&self, path: &InstancePath) -> Instance {
        let kept = self.simulator.instance(path);
        kept.unwrap_or_else(|| panic!("{path} is not there"))
    }
}
