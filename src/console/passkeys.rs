//! Passkeys: an account's list of them, adding one, and what signing in with one is checked by.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::access::Principal;
use crate::auth::passkeys::{self, Known, MOST, New};
use crate::auth::permission::Permission;
use crate::auth::revocation;
use crate::auth::sessions::{self, Which};
use crate::auth::webauthn::{self, Authenticator, Ceremony, POINT_BYTES, Party, Purpose, Wrong};
use crate::http::browser::is_loopback;
use crate::http::call::{AccountCall, Call, SignInCall};
use crate::http::error::Error;
use crate::http::input::{Body, Path};
use crate::http::reply::{Data, Message};
use crate::platform::PlatformError;
use crate::platform::database::{Batch, Statement, sql};
use crate::platform::expired::Expired;
use crate::secrets::keyring::Keyring;
use sluice_values::{AccountId, Name, PasskeyId, Timestamp};

// ---- What comes in

/// What a browser answers to signing in with a passkey; all of it is Base64url.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    /// The passkey's `id`.
    id: String,
    authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    signature: String,
}

/// What a browser answers to making a passkey; all of it is Base64url.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AddPasskey")]
pub struct Add {
    /// The passkey's `id`.
    id: String,
    /// From `getPublicKey()`: a key of ES256.
    public_key: String,
    /// From `getAuthenticatorData()`.
    authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    /// What its owner knows it by.
    name: Name,
}

/// The body of rename.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "RenamePasskey")]
pub struct Rename {
    name: Name,
}

// ---- What goes out

/// A passkey of the account.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Passkey {
    id: PasskeyId,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

/// What a browser is asked to sign in with a passkey.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInOptions {
    /// Base64url; it can be answered once, within 5 minutes.
    challenge: String,
    /// The host that passkeys are for.
    rp_id: String,
}

/// What a browser is asked to make a passkey.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyOptions {
    /// Base64url; it can be answered once, within 5 minutes.
    challenge: String,
    /// The host that passkeys are for.
    rp_id: String,
    /// The account, as authenticators know it: Base64url.
    user_id: String,
    email: String,
    /// The account's name, or its address.
    display_name: String,
    /// The passkeys that the account has already: Base64url.
    exclude: Vec<String>,
}

// ---- Rules

/// Whom passkeys of this gateway are for, if a browser can make any at the address that it has called. `make dev` has an IP address,
/// and this machine has a name besides.
pub fn party(call: &Call) -> Option<Party> {
    let url = if is_loopback(&call.base_url) { &call.origin } else { &call.base_url };
    Party::new(url).filter(|party| party.origin == call.origin)
}

fn own_party(call: &Call) -> Result<Party, Error> {
    party(call).ok_or_else(|| {
        Error::not_found(
            "passkeys are bound to the host of PUBLIC_URL, which has to be a name: not an IP address, and with https",
        )
    })
}

/// A passkey signs in with all that the account may do, so whoever adds one has to be allowed all of that.
fn check_full(call: &AccountCall) -> Result<(), Error> {
    match &call.principal {
        Principal::Account { permissions, scope, .. } if permissions.allow(Permission::Full) && scope.is_all() => {
            Ok(())
        }
        _ => Err(Error::forbidden(
            "a passkey signs in with every right of the account; this session has not all of them",
        )),
    }
}

fn decoded(name: &str, text: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::bad_request(format!("{name}: expected Base64url")))
}

fn refused(wrong: Wrong) -> Error {
    Error::bad_request(wrong.to_string())
}

/// An assertion that is whole, from one of our pages, and to a challenge of ours. Whose it is, and whether its signature is right,
/// is still to be found out.
pub struct Checked {
    credential_id: String,
    signed: Vec<u8>,
    signature: [u8; 64],
    pub sign_count: u32,
    pub challenge_hash: String,
    pub challenge_ends_at: Timestamp,
}

impl Assertion {
    /// Checks all that needs no storage.
    pub fn check(self, call: &SignInCall) -> Result<Checked, Error> {
        let call = &call.call;
        let party = own_party(call)?;
        let mut signed = decoded("authenticatorData", &self.authenticator_data)?;
        let client_data = decoded("clientDataJSON", &self.client_data)?;
        let signature = webauthn::raw_signature(&decoded("signature", &self.signature)?)
            .ok_or_else(|| Error::bad_request("signature: expected one of ES256"))?;
        let challenge = webauthn::challenge_of(&client_data, Ceremony::Get, &party).map_err(refused)?;
        let keyring = Keyring::from_config(&call.platform.config())?;
        let challenge_ends_at = Purpose::SignIn.check(&keyring, &challenge, call.now).map_err(refused)?;
        let sign_count = Authenticator::read(&signed, &party).map_err(refused)?.sign_count;
        signed.extend(Sha256::digest(&client_data));
        let challenge_hash = webauthn::challenge_hash(&challenge);
        Ok(Checked { credential_id: self.id, signed, signature, sign_count, challenge_hash, challenge_ends_at })
    }
}

impl Checked {
    /// The passkey, if it is known here and has signed.
    pub async fn passkey(&self, call: &Call) -> Result<Option<Known>, Error> {
        let found = call.platform.database().rows::<Known>(passkeys::select_known(&self.credential_id)).await?;
        let Some(known) = found.into_iter().next() else { return Ok(None) };
        let broken = || PlatformError::new(format!("passkey {}: no key", known.id));
        let point = URL_SAFE_NO_PAD.decode(&known.public_key).map_err(|_| broken())?;
        let point: [u8; POINT_BYTES] = point.try_into().map_err(|_| broken())?;
        let is_right = call.platform.verify_es256(&point, &self.signature, &self.signed).await?;
        Ok(is_right.then_some(known))
    }
}

// ---- SQL

#[derive(Deserialize)]
struct OfAccount {
    email: String,
    name: Option<String>,
}

fn select_account(account: AccountId) -> Statement {
    sql("SELECT email, name FROM accounts WHERE id = ?1").bind(account)
}

#[derive(Deserialize)]
struct Credential {
    credential_id: String,
}

fn select_credentials(account: AccountId) -> Statement {
    sql("SELECT credential_id FROM passkeys WHERE account_id = ?1").bind(account)
}

fn select_all(account: AccountId) -> Statement {
    sql("SELECT id, name, created_at, last_used_at FROM passkeys WHERE account_id = ?1 ORDER BY created_at, id")
        .bind(account)
}

fn rename_one(id: PasskeyId, account: AccountId, name: &Name) -> Statement {
    sql("UPDATE passkeys SET name = ?3 WHERE id = ?1 AND account_id = ?2 RETURNING id, name, created_at, last_used_at")
        .bind(id)
        .bind(account)
        .bind(name.as_str())
}

fn delete_one(id: PasskeyId, account: AccountId) -> Statement {
    sql("DELETE FROM passkeys WHERE id = ?1 AND account_id = ?2 RETURNING id").bind(id).bind(account)
}

// ---- Handlers

/// POST: a challenge to sign in with a passkey.
pub async fn sign_in_options(call: SignInCall, (): ()) -> Result<Data<SignInOptions>, Error> {
    call.admission().count_ask()?;
    let call = call.call;
    let party = own_party(&call)?;
    Ok(Data::one(SignInOptions { challenge: challenge(&call, Purpose::SignIn)?, rp_id: party.id }))
}

fn challenge(call: &Call, purpose: Purpose) -> Result<String, Error> {
    let keyring = Keyring::from_config(&call.platform.config())?;
    let challenge = purpose.challenge(&keyring, call.now, call.platform.random()?);
    Ok(challenge.ok_or_else(|| PlatformError::new("ENCRYPTION_KEYS has no key"))?)
}

/// GET: the passkeys of the account, oldest first.
pub async fn list(call: AccountCall, (): ()) -> Result<Data<Passkey>, Error> {
    Ok(Data::many(call.rows(select_all(call.account_id())).await?))
}

/// POST: a challenge to make a passkey.
pub async fn options(call: AccountCall, (): ()) -> Result<Data<PasskeyOptions>, Error> {
    check_full(&call)?;
    let (party, account) = (own_party(&call.call)?, call.account_id());
    let mut batch = Batch::new();
    let owner = batch.read::<OfAccount>(select_account(account));
    let credentials = batch.read::<Credential>(select_credentials(account));
    let results = call.run(batch).await?;
    let owner = results.first(&owner)?.ok_or_else(|| PlatformError::new("the account of a session is not there"))?;
    let exclude = results.all(&credentials)?.into_iter().map(|credential| credential.credential_id).collect();
    Ok(Data::one(PasskeyOptions {
        challenge: challenge(&call.call, Purpose::Add(account))?,
        rp_id: party.id,
        user_id: URL_SAFE_NO_PAD.encode(account.to_string()),
        display_name: owner.name.unwrap_or_else(|| owner.email.clone()),
        email: owner.email,
        exclude,
    }))
}

/// POST: adds a passkey.
pub async fn add(call: AccountCall, Body(add): Body<Add>) -> Result<Data<Passkey>, Error> {
    check_full(&call)?;
    let (party, account, now) = (own_party(&call.call)?, call.account_id(), call.call.now);
    let client_data = decoded("clientDataJSON", &add.client_data)?;
    let data = decoded("authenticatorData", &add.authenticator_data)?;
    let point = webauthn::point(&decoded("publicKey", &add.public_key)?).map_err(refused)?;
    let challenge = webauthn::challenge_of(&client_data, Ceremony::Create, &party).map_err(refused)?;
    let keyring = Keyring::from_config(&call.call.platform.config())?;
    let ends_at = Purpose::Add(account).check(&keyring, &challenge, now).map_err(refused)?;
    let made = Authenticator::read(&data, &party).map_err(refused)?;
    let credential_id = made.created.map(|id| URL_SAFE_NO_PAD.encode(id)).unwrap_or_default();
    if credential_id.is_empty() || credential_id != add.id {
        return Err(Error::bad_request("id: not that of the passkey in authenticatorData"));
    }
    let challenge_hash = webauthn::challenge_hash(&challenge);
    let id = call.call.new_id()?;
    call.call.note_target(&id);
    let new = New {
        id,
        account,
        credential_id: &credential_id,
        public_key: &URL_SAFE_NO_PAD.encode(point),
        sign_count: made.sign_count,
        name: add.name.as_str(),
        challenge_hash: &challenge_hash,
        now,
    };
    let mut batch = Batch::new();
    let before = batch.read::<Passkey>(select_all(account));
    let added = batch.read::<IgnoredAny>(new.insert());
    batch.run(passkeys::spend(&challenge_hash, ends_at));
    let results = call.run(batch).await.map_err(|error| {
        if error.is_unique_violation() {
            Error::conflict("id: this passkey is registered already")
        } else {
            error.into()
        }
    })?;
    if results.first(&added)?.is_none() {
        return Err(if results.all(&before)?.len() >= MOST as usize {
            Error::bad_request(format!("an account has {MOST} passkeys at most; remove one first"))
        } else {
            refused(Wrong::Challenge)
        });
    }
    Ok(Data::one(Passkey { id, name: add.name.as_str().to_owned(), created_at: now, last_used_at: None }))
}

/// PUT: changes a passkey's name.
pub async fn rename(
    call: AccountCall,
    (Path(id), Body(rename)): (Path<PasskeyId>, Body<Rename>),
) -> Result<Data<Passkey>, Error> {
    check_full(&call)?;
    let renamed = call.row(rename_one(id, call.account_id(), &rename.name)).await?;
    Ok(Data::one(renamed.ok_or_else(|| missing(id))?))
}

/// DELETE: removes a passkey. What was signed in with it is signed out, but for the session that asks: it has just proved who it is.
pub async fn delete(call: AccountCall, Path(id): Path<PasskeyId>) -> Result<Data<Message>, Error> {
    check_full(&call)?;
    let (account, session) = (call.account_id(), call.session()?.id);
    let mut batch = Batch::new();
    let ended = sessions::end(&mut batch, &Which::OfPasskey { passkey: id, account, but: session }, call.call.now);
    let deleted = batch.read::<IgnoredAny>(delete_one(id, account));
    let results = call.run(batch).await?;
    results.first(&deleted)?.ok_or_else(|| missing(id))?;
    revocation::forget_all(&call.call.platform, &results, &ended).await?;
    Ok(Message::saying("Passkey removed"))
}

fn missing(id: PasskeyId) -> Error {
    Error::not_found(format!("no passkey {id} of yours"))
}

// ---- Cron

/// Challenges that are over, answered or not.
pub const EXPIRED: Expired =
    Expired { table: "spent_challenges", key: "challenge_hash", time: "expires_at", kept_ms: 0 };
