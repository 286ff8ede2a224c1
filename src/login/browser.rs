//! Signing in with a browser: authorization code with PKCE (RFC 7636), returned on loopback (RFC 8252).

use oauth2::{CsrfToken, PkceCodeChallenge};
use secrecy::SecretString;
use url::Url;

use super::{
    Login, LoginStep, PATIENCE, SignInError, SignedIn,
    listener::{RedirectListener, Returned},
};
use crate::diagnosis;

impl Login<'_> {
    /// Signs in with a browser, whose return is waited for on `port` of loopback (0: any); `show`
    /// tells the person what to do.
    pub async fn by_browser(
        &self,
        port: u16,
        show: &mut (dyn FnMut(LoginStep) + Send),
    ) -> Result<SignedIn, SignInError> {
        let listener = RedirectListener::bind(port)
            .await
            .map_err(|source| SignInError::Listen { port, source })?;
        let redirect = format!("http://localhost:{}/", listener.port());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = CsrfToken::new_random();
        show(LoginStep::OpenAddress {
            address: self
                .address(&redirect, challenge.as_str(), state.secret())
                .into(),
            port: listener.port(),
        });
        let returned = tokio::time::timeout(PATIENCE, listener.returned(state.secret())).await;
        let code = match returned {
            Err(_elapsed) => return Err(SignInError::TooLate),
            Ok(Returned::Code(code)) => code,
            Ok(Returned::Refused { error, description }) => {
                let now = self.clock.now();
                let diagnosis = diagnosis::explain_redirect(self.tenant, &error, &description, now);
                return Err(SignInError::Refused(Box::new(diagnosis)));
            }
        };
        let verifier = SecretString::from(verifier.into_secret());
        self.redeem(&redirect, &code, &verifier).await
    }

    /// The address that the person opens.
    fn address(&self, redirect: &str, challenge: &str, state: &str) -> Url {
        let endpoints = &self.tenant.endpoints;
        let mut url = endpoints.oauth2(self.directory(), "authorize");
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", &self.tenant.app.client_id)
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", redirect)
            .append_pair("scope", &self.scope())
            .append_pair("state", state)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(mailbox) = &self.tenant.target.mailbox {
            query.append_pair("login_hint", mailbox);
        }
        drop(query);
        url
    }

    /// Turns the code into tokens.
    async fn redeem(
        &self,
        redirect: &str,
        code: &SecretString,
        verifier: &SecretString,
    ) -> Result<SignedIn, SignInError> {
        let scope = self.scope();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", self.tenant.app.client_id.as_str()),
            ("redirect_uri", redirect),
            ("scope", scope.as_str()),
        ];
        let mut hidden = vec![("code", code), ("code_verifier", verifier)];
        hidden.extend(self.secret.as_ref().map(|secret| ("client_secret", secret)));
        let posted = self.post("token", &fields, &hidden).await;
        match &posted.document {
            Some(document) => self.signed_in(document),
            None => Err(self.refused(&posted)),
        }
    }
}
