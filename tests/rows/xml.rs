//! Tests the raw XML of rows and instances, on request.

use wsman::{Instance, InstancePath};

use crate::{END, opened, play};

const ROWS: [&str; 3] = [
    r#"<p:A at="1"><p:N>1</p:N><p:Inner><q:B xmlns:q="urn:x/B"><q:M>2</q:M></q:B></p:Inner></p:A>"#,
    "<p:A/>",
    "<w:XmlFragment><N>3</N></w:XmlFragment>",
];

fn xml(rows: &[Instance]) -> Vec<Option<&str>> {
    rows.iter().map(Instance::xml).collect()
}

#[tokio::test]
async fn keeps_the_element_of_each_row_on_request() {
    let page = opened(&["<n:Items>", &ROWS.concat(), "</n:Items>", END]);
    let (session, _) = play(&[page.clone(), page]);
    let rows = session.enumerate_instances("A").keep_xml().await.unwrap();
    assert_eq!(xml(&rows), ROWS.map(Some));
    let inner: Instance = rows[0].get("Inner").unwrap();
    assert_eq!((inner.get::<u32>("M"), inner.xml()), (Ok(2), None));
    let rows = session.enumerate_instances("A").await.unwrap();
    assert_eq!(xml(&rows), [None; 3]);
}

#[tokio::test]
async fn keeps_the_element_of_an_instance_and_the_detail_of_a_fault() {
    let detail = r#"<s:Detail><q:Own xmlns:q="urn:q" a="1">why<q:b/></q:Own></s:Detail>"#;
    let fault = format!(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>no</s:Text></s:Reason>\
         {detail}</s:Fault>"
    );
    let (session, _) = play(&[(200, ROWS[0].to_owned()), (500, fault)]);
    let path = InstancePath::new("A").with_key("N", 1u32);
    let read = session.get_instance(&path).keep_xml().await.unwrap();
    assert_eq!(read.xml(), Some(ROWS[0]));
    let error = session.get_instance(&path).await.unwrap_err();
    let fault = error.fault().unwrap();
    assert_eq!(fault.detail_xml.as_deref(), Some(detail));
}
