//! The `send_email` binding.

use worker::js_sys::{self, Object, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{EmailAddress, SendEmailBuilder};

pub use super::outbound::Email;
use super::runtime::Runtime;

/// The name of the binding (wrangler.toml).
const BINDING: &str = "EMAIL";

pub struct EmailBinding<'a> {
    runtime: &'a Runtime,
}

impl<'a> EmailBinding<'a> {
    pub fn new(runtime: &'a Runtime) -> Self {
        Self { runtime }
    }

    /// Sends a message, or returns the platform's reason for rejecting it.
    pub async fn send(&self, email: &Email) -> Result<(), String> {
        match self.runtime {
            Runtime::Workers(env) => {
                let binding = env.send_email(BINDING).map_err(|_| format!("the {BINDING} binding is missing"))?;
                binding.send_with_builder(&message(email)).await.map(|_| ()).map_err(|error| explained(&error))
            }
            #[cfg(test)]
            Runtime::Memory(memory) => memory.send_email(email),
        }
    }
}

/// The message in the binding's form.
pub fn message(email: &Email) -> SendEmailBuilder {
    let builder = match &email.from_name {
        Some(name) => {
            let from = EmailAddress::new(name, &email.from);
            SendEmailBuilder::builder_with_email_address_and_str(&from, &email.to, &email.subject)
        }
        None => SendEmailBuilder::builder(&email.from, &email.to, &email.subject),
    };
    let headers = Object::new();
    for (name, value) in &email.headers {
        // Setting a property fails on a frozen object only.
        let _ = Reflect::set(&headers, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    builder.text(&email.text).html(&email.html).headers(headers.unchecked_ref()).build()
}

/// The binding's error: a code such as `E_SENDER_NOT_VERIFIED`, and its explanation.
fn explained(error: &js_sys::Error) -> String {
    let code = Reflect::get(error, &JsValue::from_str("code")).ok().and_then(|code| code.as_string());
    let message = String::from(error.message());
    code.map_or_else(|| message.clone(), |code| format!("{code}: {message}"))
}
