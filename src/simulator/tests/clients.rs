//! The requests of stock client libraries, beyond the one call that credwatch makes.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::super::crypto::unverified_claims;
use super::*;

/// The credential fields of a confidential client.
fn client(setting: &Setting) -> String {
    let one = setting.one();
    let secret: String =
        url::form_urlencoded::byte_serialize(one.presented_secret().as_bytes()).collect();
    format!("client_id={}&client_secret={secret}", one.client_id)
}

async fn delegated() -> Setting {
    setting(|one| {
        one.delegated = Some(DelegatedClient {
            pending: 0,
            ..DelegatedClient::confidential()
        });
    })
    .await
}

/// Starts a sign-in by redirects; returns the redirect to the application.
async fn authorize(setting: &Setting, more: &str) -> Reply {
    let one = setting.one();
    let path = format!(
        "/{}/oauth2/v2.0/authorize?client_id={}&response_type=code&redirect_uri=http%3A%2F%2F\
         localhost%2F&scope=User.Read+openid&state=7&{more}",
        one.tenant_id, one.client_id
    );
    setting.ask("GET", &path, "", "").await
}

fn code(reply: &Reply) -> String {
    let target = url::Url::parse(&reply.headers["location"]).unwrap();
    let code = target.query_pairs().find(|(name, _)| name == "code");
    code.unwrap().1.into_owned()
}

async fn redeem(setting: &Setting, code: &str, more: &str) -> Reply {
    let form = format!(
        "grant_type=authorization_code&redirect_uri=http%3A%2F%2Flocalhost%2F&code={code}&{more}&{}",
        client(setting)
    );
    setting.post("token", &form).await
}

#[tokio::test]
async fn a_sign_in_returns_an_openid_token() {
    let setting = delegated().await;
    let unasked = code(&authorize(&setting, "nonce=").await);
    let reply = redeem(&setting, &unasked, "").await.json();
    let claims = unverified_claims(reply["id_token"].as_str().unwrap()).unwrap();
    assert!(claims["nonce"].is_null() && reply["client_info"].is_null());

    let code = code(&authorize(&setting, "nonce=n-1").await);
    let reply = redeem(&setting, &code, "client_info=1").await.json();
    assert_eq!(
        reply["scope"],
        "User.Read Mail.ReadBasic openid profile email"
    );
    let claims = unverified_claims(reply["id_token"].as_str().unwrap()).unwrap();
    for name in ["sub", "oid", "exp", "iat", "nbf", "name", "uti"] {
        assert!(!claims[name].is_null(), "{name}");
    }
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["aud"], setting.one().client_id);
    let ids = URL_SAFE_NO_PAD.decode(reply["client_info"].as_str().unwrap());
    let ids: Value = serde_json::from_slice(&ids.unwrap()).unwrap();
    assert_eq!(ids, json!({"uid": claims["oid"], "utid": claims["tid"]}));

    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        reply["access_token"].as_str().unwrap()
    );
    let told = setting
        .ask("GET", "/graph/oidc/userinfo", &bearer, "")
        .await;
    assert_eq!(told.json()["sub"], claims["sub"]);
}

#[tokio::test]
async fn a_challenge_is_optional_but_binding() {
    let setting = delegated().await;
    let plain = code(&authorize(&setting, "").await);
    assert_eq!(redeem(&setting, &plain, "").await.status, 200);
    assert_eq!(redeem(&setting, &plain, "").await.code(), 54_005);
    for (verifier, number) in [("code_verifier=other", 501_481), ("", 900_144)] {
        let code = code(&authorize(&setting, "code_challenge=mine").await);
        assert_eq!(redeem(&setting, &code, verifier).await.code(), number);
    }
    let posted = authorize(&setting, "response_mode=form_post").await;
    assert_eq!(posted.status, 200);
    assert!(
        posted.body.contains("name=\"code\" value=\"1."),
        "{}",
        posted.body
    );
}

#[tokio::test]
async fn the_older_name_of_the_device_grant_works() {
    let setting = delegated().await;
    let form = format!("client_id={}&scope=openid", setting.one().client_id);
    let device = setting.post("devicecode", &form).await.json();
    let form = format!(
        "grant_type=device_code&device_code={}&{}",
        device["device_code"].as_str().unwrap(),
        client(&setting)
    );
    let reply = setting.post("token", &form).await;
    assert_eq!(reply.status, 200);
    assert!(reply.json()["id_token"].is_string());
}

#[tokio::test]
async fn every_password_is_wrong() {
    let setting = delegated().await;
    let path = "/common/userrealm/rooms@contoso.example?api-version=1.0";
    let realm = setting.ask("GET", path, "", "").await.json();
    assert_eq!(realm["account_type"], "Managed");
    let form = format!(
        "grant_type=password&username=rooms&password=x&scope=openid&{}",
        client(&setting)
    );
    assert_eq!(setting.post("token", &form).await.code(), 50_126);
}

#[tokio::test]
async fn every_endpoint_refuses_accounts_the_app_is_not_for() {
    let setting = delegated().await;
    let form = format!("grant_type=password&scope=openid&{}", client(&setting));
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    for (tenant, number) in [
        ("consumers", 9_002_332),
        ("common", 50_194),
        ("organizations", 50_194),
    ] {
        for endpoint in ["token", "devicecode"] {
            let path = format!("/{tenant}/oauth2/v2.0/{endpoint}");
            let reply = setting.ask("POST", &path, headers, &form).await;
            assert_eq!(reply.code(), number, "{path}");
        }
        let path = format!(
            "/{tenant}/oauth2/v2.0/authorize?client_id={}",
            setting.one().client_id
        );
        let page = setting.ask("GET", &path, "", "").await;
        assert!(page.body.contains(&format!("AADSTS{number}: ")), "{path}");
    }
}

/// Signs an assertion as a library would that leaves the padding on, or not.
fn assertion(one: &Integration, audience: &Value, padded: bool) -> String {
    let certificate = &one.certificates[0];
    let encode = |bytes: &[u8]| {
        if padded {
            URL_SAFE.encode(bytes)
        } else {
            URL_SAFE_NO_PAD.encode(bytes)
        }
    };
    let der = CertificateDer::from_pem_slice(certificate.pem.as_bytes());
    let thumbprint = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        der.unwrap().as_ref(),
    );
    // Thumbprints come in the other alphabet too.
    let named = if padded {
        STANDARD.encode(thumbprint.as_ref())
    } else {
        encode(thumbprint.as_ref())
    };
    let header = json!({"alg": "RS256", "typ": "JWT", "x5t": named});
    // The library that leaves the padding on also tells fractions of seconds.
    let exp = if padded {
        1_728_000_600.25
    } else {
        1_728_000_600.0
    };
    let claims = json!({
        "aud": audience, "iss": one.client_id, "sub": one.client_id, "jti": "1", "exp": exp,
    });
    let part = |json: &Value| encode(json.to_string().as_bytes());
    let message = format!("{}.{}", part(&header), part(&claims));
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from_pem_slice(certificate.key_pem.as_bytes());
    let pair = RsaKeyPair::from_pkcs8(key.unwrap().secret_pkcs8_der()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    let (random, bytes) = (SystemRandom::new(), message.as_bytes());
    pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature)
        .unwrap();
    format!("{message}.{}", encode(&signature))
}

#[tokio::test]
async fn an_assertion_is_for_the_endpoint_or_the_issuer() {
    let setting = setting(|one| {
        let (from, until) = (
            start_of_time() - TimeDelta::days(9),
            start_of_time() + TimeDelta::days(9),
        );
        let made = Certificate::make(NAME, from.date_naive(), until.date_naive());
        one.certificates.push(made.unwrap());
    })
    .await;
    let one = setting.one();
    let authority = format!("{}/{}", setting.cloud.login_url(), one.tenant_id);
    let endpoint = json!(format!("{authority}/oauth2/v2.0/token"));
    let issuer = json!(format!("{authority}/v2.0"));
    for (audience, padded, status) in [
        (&endpoint, false, 200),
        (&endpoint, true, 200),
        (&issuer, false, 200),
        (&json!([endpoint, issuer]), false, 400),
        (&json!("https://elsewhere.example"), false, 400),
    ] {
        let assertion = assertion(one, audience, padded);
        let form = format!(
            "grant_type=client_credentials&client_id={}&scope={EXCHANGE}&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=\
             {assertion}",
            one.client_id
        );
        let reply = setting.post("token", &form).await;
        assert_eq!(reply.status, status, "{audience} {padded}: {}", reply.body);
    }
}

#[tokio::test]
async fn graph_answers_in_json_by_permission() {
    let setting = setting(|one| one.graph_roles.push("User.Read.All".to_owned())).await;
    let token = setting.token(GRAPH).await;
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let mailbox = &setting.one().mailbox;
    let user = format!("v1.0/users/{mailbox}");
    for (path, status, shown) in [
        (user.clone(), 200, "/mail"),
        ("v1.0/users".to_owned(), 200, "/value/0/userPrincipalName"),
        (format!("{user}/mailFolders"), 200, "/value/0/displayName"),
        (format!("{user}/mailFolders/inbox/messages"), 200, "/value"),
        (format!("{user}/messages?$top=5"), 200, "/value"),
        (
            format!("beta/users/{mailbox}/mailFolders/inbox"),
            200,
            "/id",
        ),
        (format!("{user}/calendar"), 403, "/error/code"),
        (format!("{user}/nothing"), 400, "/error/code"),
        ("v1.0/me".to_owned(), 400, "/error/message"),
        ("v3.0/users".to_owned(), 400, "/error/message"),
        ("v1.0/nothing/there".to_owned(), 400, "/error/message"),
    ] {
        let reply = setting
            .ask("GET", &format!("/graph/{path}"), &bearer, "")
            .await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
        assert!(
            reply.json().pointer(shown).is_some(),
            "{path}: {}",
            reply.body
        );
    }
}

#[tokio::test]
async fn exchange_serves_the_first_calls_of_stock_clients() {
    let setting = setting(|_| {}).await;
    let token = setting.token(EXCHANGE).await;
    let header = impersonating(&setting.one().mailbox);
    let availability = |address: &str| {
        format!(
            "<m:GetUserAvailabilityRequest><m:MailboxDataArray><t:MailboxData><t:Email><t:Address>\
             {address}</t:Address></t:Email></t:MailboxData></m:MailboxDataArray>\
             <t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>2024-10-04T00:00:00</t:StartTime>\
             <t:EndTime>2024-10-04T02:00:00</t:EndTime></t:TimeWindow>\
             <t:MergedFreeBusyIntervalInMinutes>30</t:MergedFreeBusyIntervalInMinutes>\
             <t:RequestedView>DetailedMerged</t:RequestedView></t:FreeBusyViewOptions>\
             </m:GetUserAvailabilityRequest>"
        )
    };
    let archive = "<t:DistinguishedFolderId Id=\"archiveinbox\"/>";
    for (operation, status, shown) in [
        ("<m:GetRoomLists/>", 200, "<m:RoomLists/>"),
        (
            &availability(&setting.one().mailbox),
            200,
            "<t:MergedFreeBusy>0000<",
        ),
        (
            &availability("nobody@contoso.example"),
            200,
            ">ErrorMailRecipientNotFound<",
        ),
        (
            "<m:GetItem><m:ItemIds><t:ItemId Id=\"AAMk\"/></m:ItemIds></m:GetItem>",
            200,
            ">ErrorItemNotFound<",
        ),
        (
            &format!("<m:FindItem><m:ParentFolderIds>{archive}</m:ParentFolderIds></m:FindItem>"),
            200,
            ">ErrorFolderNotFound<",
        ),
        (
            "<m:SyncFolderItems><m:SyncFolderId><t:DistinguishedFolderId Id=\"inbox\"/>\
             </m:SyncFolderId></m:SyncFolderItems>",
            200,
            "<m:Changes/>",
        ),
        (
            "<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>\
             </m:FolderShape></m:SyncFolderHierarchy>",
            200,
            "<m:Changes><t:Create><t:Folder>",
        ),
        ("<m:CreateItem/>", 500, "a:ErrorInvalidOperation"),
        ("<m:Nonsense/>", 500, "a:ErrorSchemaValidation"),
    ] {
        let reply = setting.perform(&token, &header, operation).await;
        assert_eq!(reply.status, status, "{operation}: {}", reply.body);
        assert!(reply.body.contains(shown), "{operation}: {}", reply.body);
    }
}
