//! Faults of a service that has accepted the login.

use wsman::Credentials;
use wsman::simulator::{PASSWORD, USER};

use crate::builder;
use crate::hop::answering;
use crate::scenario::{diagnoses, shows};

/// A fault of Windows with this code and text.
fn fault(code: u32, text: &str) -> &'static str {
    let body = format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault>\
         <s:Code><s:Value>s:Receiver</s:Value></s:Code>\
         <s:Reason><s:Text xml:lang=\"en-US\">{text}</s:Text></s:Reason>\
         <s:Detail><f:WSManFault xmlns:f=\"http://schemas.microsoft.com/wbem/wsman/1/wsmanfault\" \
         Code=\"{code}\" Machine=\"host\"><f:Message>{text}</f:Message></f:WSManFault></s:Detail>\
         </s:Fault></s:Body></s:Envelope>"
    );
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 500 \r\nServer: Microsoft-HTTPAPI/2.0\r\nContent-Length: {length}\r\n\
         Content-Type: application/soap+xml;charset=UTF-8\r\n\r\n{body}"
    );
    answer.leak()
}

fn basic() -> Credentials {
    Credentials::basic(USER, PASSWORD)
}

/// The operations of the account reach their quota.
#[tokio::test]
async fn too_many_operations() {
    let text = "This user is allowed a maximum number of 1500 concurrent operations, which has been \
        exceeded. Close existing operations for this user, or raise the quota for this user.";
    let url = answering(fault(2_150_859_174, text)).await;
    let test = "rights::too_many_operations";
    shows(test, || builder(url.clone(), basic())).await;
}

/// The account is a local administrator, whose rights UAC filters over the network.
#[tokio::test]
async fn filtered_administrator() {
    let url = answering(fault(5, "Access is denied. ")).await;
    diagnoses("rights::filtered_administrator", builder(url, basic())).await;
}
