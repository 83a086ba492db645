//! Sends mail: through the platform's `send_email` binding, or through a service over HTTP.

use futures_util::StreamExt;
use worker::js_sys::{self, Object, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{
    AbortSignal, EmailAddress, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response,
    SendEmailBuilder, web_sys,
};

use super::config::Config;
use crate::mail::MailError;
use crate::mail::message::Mail;
use crate::mail::provider::{Api, Sender, Way};

/// The name of the binding in `wrangler.toml`.
const BINDING: &str = "EMAIL";
/// How long a service may take.
const TIMEOUT_SECS: u32 = 10;
/// Bytes of a service's answer that are read: enough for what it says was wrong.
const LONGEST_ANSWER: usize = 4096;

/// The way out for mail.
pub struct Mailer<'a> {
    env: &'a Env,
}

impl<'a> Mailer<'a> {
    /// The way out among these bindings.
    pub fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// Hands a message over; `Ok` says that it was taken, not that it has arrived.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let settings = Config::new(self.env).mail()?;
        match &settings.way {
            Way::Binding => self.bind(&settings.sender, mail).await,
            Way::Api(api) => post(api, &settings.sender, mail).await,
        }
    }

    async fn bind(&self, sender: &Sender, mail: &Mail) -> Result<(), MailError> {
        let missing = |_| MailError::new(format!("the {BINDING} binding is missing"));
        let binding = self.env.send_email(BINDING).map_err(missing)?;
        binding.send_with_builder(&message(sender, mail)).await.map(|_| ()).map_err(|error| explained(&error))
    }
}

/// A message in the binding's form. The binding itself makes MIME of it.
pub fn message(sender: &Sender, mail: &Mail) -> SendEmailBuilder {
    let (address, to) = (sender.address().as_str(), mail.to().as_str());
    let builder = match sender.name() {
        Some(name) => {
            let from = EmailAddress::new(name, address);
            SendEmailBuilder::builder_with_email_address_and_str(&from, to, mail.subject())
        }
        None => SendEmailBuilder::builder(address, to, mail.subject()),
    };
    let headers = Object::new();
    for (name, value) in mail.headers() {
        // Only a frozen object refuses a property.
        let _ = Reflect::set(&headers, &JsValue::from_str(name), &JsValue::from_str(&value));
    }
    builder.text(&mail.text()).html(&mail.html()).headers(headers.unchecked_ref()).build()
}

/// The binding's error: a code such as `E_SENDER_NOT_VERIFIED`, and what it says.
fn explained(error: &js_sys::Error) -> MailError {
    let code = Reflect::get(error, &JsValue::from_str("code")).ok().and_then(|code| code.as_string());
    let message = String::from(error.message());
    MailError::new(code.map_or_else(|| message.clone(), |code| format!("{code}: {message}")))
}

async fn post(api: &Api, sender: &Sender, mail: &Mail) -> Result<(), MailError> {
    let late = || api.late(TIMEOUT_SECS);
    let request = outgoing(api, sender, mail).map_err(|_| api.unusable())?;
    let timeout = web_sys::AbortSignal::timeout_with_u32(TIMEOUT_SECS * 1000);
    let sent = Fetch::Request(request).send_with_signal(&AbortSignal::from(timeout.clone())).await;
    let mut response = sent.map_err(|_| if timeout.aborted() { late() } else { api.unreachable() })?;
    let (status, answer) = (response.status_code(), beginning(&mut response).await);
    api.refusal(status, &answer).map_or(Ok(()), Err)
}

fn outgoing(api: &Api, sender: &Sender, mail: &Mail) -> worker::Result<Request> {
    let request = api.request(sender, mail);
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(JsValue::from_str(&request.body)));
    // Not followed: the key must go nowhere else.
    init.with_redirect(RequestRedirect::Manual);
    Request::new_with_init(&request.url, &init)
}

/// What an answer begins with. It only explains a refusal, so what cannot be read is left out.
async fn beginning(response: &mut Response) -> Vec<u8> {
    let mut answer = Vec::new();
    let Ok(mut stream) = response.stream() else { return answer };
    while let Some(Ok(chunk)) = stream.next().await {
        answer.extend_from_slice(&chunk);
        if answer.len() >= LONGEST_ANSWER {
            break;
        }
    }
    answer.truncate(LONGEST_ANSWER);
    answer
}
