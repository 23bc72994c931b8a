//! Injects the fault of a knob into a finished answer, whatever its content.

use hyper::Response;

use crate::simulator::http::body::{AnswerBody, Dropped};
use crate::simulator::http::connection::{AfterAnswer, Connection, OldAnswer};
use crate::simulator::http::knobs::Knob;

/// Injects the fault of a knob into an answer before it is sent.
pub(in crate::simulator) async fn inject(
    knob: &Knob,
    connection: &Connection,
    response: Response<AnswerBody>,
) -> Result<Response<AnswerBody>, Dropped> {
    let own = whole(&response);
    let old = own.and_then(|own| connection.remember(own));
    match knob {
        Knob::DropAnswer => return Err(Dropped),
        Knob::Delay(duration) => tokio::time::sleep(*duration).await,
        Knob::CutAnswerAt(bytes) => connection.cut_answer_at(*bytes),
        Knob::CloseAfterAnswer => connection.set_after_answer(AfterAnswer::Close),
        Knob::RepeatAnswer => connection.set_after_answer(AfterAnswer::Repeat),
        Knob::OldAnswer => return Ok(old.map_or(response, |old| old.map(AnswerBody::Whole))),
        Knob::AlterAnswer(place) => return Ok(altered(response, *place)),
        _ => {}
    }
    Ok(response)
}

/// Copies a complete answer.
fn whole(response: &Response<AnswerBody>) -> Option<OldAnswer> {
    let AnswerBody::Whole(body) = response.body() else {
        return None;
    };
    let mut copy = Response::new(body.clone());
    *copy.status_mut() = response.status();
    copy.headers_mut().clone_from(response.headers());
    Some(copy)
}

fn altered(mut response: Response<AnswerBody>, place: usize) -> Response<AnswerBody> {
    if let AnswerBody::Whole(Some(body)) = response.body_mut() {
        let mut bytes = body.to_vec();
        let place = place.checked_rem(bytes.len()).unwrap_or_default();
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 1;
        }
        *body = bytes.into();
    }
    response
}
