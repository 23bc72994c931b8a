//! Every operation, with the body of its correct response.

use std::future::Future;
use std::pin::Pin;

use wsman::{Callbacks, Error, Instance, InstancePath, PutMode, Session};

type Outcome = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// An operation and the response of its server.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    /// The last segment of its action.
    pub(crate) name: &'static str,
    /// The body of the correct response.
    pub(crate) body: &'static str,
    pub(crate) perform: fn(Session) -> Outcome,
}

const SHARE: &str = "<p:Win32_Share><p:Name>public</p:Name></p:Win32_Share>";
const CREATED: &str = "<x:ResourceCreated><a:Address>x</a:Address><a:ReferenceParameters>\
    <w:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Win32_Share</w:ResourceURI>\
    <w:SelectorSet><w:Selector Name=\"Name\">public</w:Selector></w:SelectorSet>\
    </a:ReferenceParameters></x:ResourceCreated>";
const OUTPUT: &str = "<p:Delete_OUTPUT><p:ReturnValue>0</p:ReturnValue></p:Delete_OUTPUT>";
const LAST: &str = "<n:EnumerateResponse><w:Items><p:Win32_Share><p:Name>public</p:Name>\
    </p:Win32_Share></w:Items><n:EnumerationContext/><w:EndOfSequence/></n:EnumerateResponse>";
const SUBSCRIBED: &str = "<e:SubscribeResponse><e:SubscriptionManager><a:Address>x</a:Address>\
    </e:SubscriptionManager><n:EnumerationContext>1</n:EnumerationContext></e:SubscribeResponse>";
const CLASS: &str = "<CLASS NAME=\"Win32_Share\"></CLASS>";

fn share() -> Instance {
    Instance::new("Win32_Share").with_key("Name", "public")
}

fn path() -> InstancePath {
    InstancePath::new("Win32_Share").with_key("Name", "public")
}

/// The operations that change something.
pub(crate) const WRITES: [Operation; 7] = [
    Operation {
        name: "Put",
        body: SHARE,
        perform: |session| {
            Box::pin(async move {
                let put = session.put_instance(&share()).mode(PutMode::UpdateOnly);
                put.await.map(drop)
            })
        },
    },
    // The response to a Put may be empty (DSP0226 7.5).
    Operation {
        name: "Put",
        body: "",
        perform: |session| {
            Box::pin(async move { session.modify_instance(&share()).await.map(drop) })
        },
    },
    Operation {
        name: "Create",
        body: CREATED,
        perform: |session| {
            Box::pin(async move { session.create_instance(&share()).await.map(drop) })
        },
    },
    Operation {
        name: "Create",
        body: CREATED,
        perform: |session| {
            Box::pin(async move {
                let wanted = Callbacks::new().messages();
                let creating = session.create_instance(&share()).callbacks(wanted);
                let mut creating = creating.start();
                while creating.callbacks().next().await.is_some() {}
                creating.await.map(drop)
            })
        },
    },
    Operation {
        name: "Delete",
        body: "",
        perform: |session| Box::pin(async move { session.delete_instance(path()).await }),
    },
    Operation {
        name: "Delete_",
        body: OUTPUT,
        perform: |session| {
            Box::pin(async move { session.invoke_method(path(), "Delete_").await.map(drop) })
        },
    },
    Operation {
        name: "Subscribe",
        body: SUBSCRIBED,
        perform: |session| {
            Box::pin(async move {
                let query = "SELECT * FROM Win32_ProcessStartTrace";
                session.subscribe(query).await.map(drop)
            })
        },
    },
];

/// The operations that only read.
pub(crate) const READS: [Operation; 4] = [
    Operation {
        name: "Get",
        body: SHARE,
        perform: |session| Box::pin(async move { session.get_instance(path()).await.map(drop) }),
    },
    Operation {
        name: "Get",
        body: "<w:XmlFragment><p:Name>public</p:Name></w:XmlFragment>",
        perform: |session| {
            Box::pin(async move { session.get_property(path(), "Name").await.map(drop) })
        },
    },
    Operation {
        name: "Get",
        body: CLASS,
        perform: |session| {
            Box::pin(async move { session.get_class("Win32_Share").await.map(drop) })
        },
    },
    Operation {
        name: "Enumerate",
        body: LAST,
        perform: |session| {
            Box::pin(async move { session.enumerate_instances("Win32_Share").await.map(drop) })
        },
    },
];

/// All operations.
pub(crate) fn all() -> impl Iterator<Item = Operation> {
    WRITES.into_iter().chain(READS)
}
