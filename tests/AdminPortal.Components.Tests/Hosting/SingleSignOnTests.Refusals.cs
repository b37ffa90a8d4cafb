using System.Net;
using System.Web;
using AdminPortal.Domain.Activity;
using AdminPortal.Hosting.SingleSignOn;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Hosting;

/// <content>Answers of the authority that are not taken.</content>
public sealed partial class SingleSignOnTests
{
    [Theory]
    [InlineData(AuthorityFault.WrongNonce, 400, "another sign-in")]
    [InlineData(AuthorityFault.NoNonce, 400, "another sign-in")]
    [InlineData(AuthorityFault.WrongAudience, 400, "said to another application")]
    [InlineData(AuthorityFault.SeveralAudiences, 400, "said to another application")]
    [InlineData(AuthorityFault.OtherAuthorizedParty, 400, "said to another application")]
    [InlineData(AuthorityFault.Expired, 400, "not good at this time")]
    [InlineData(AuthorityFault.NoExpiry, 400, "not good at this time")]
    [InlineData(AuthorityFault.NotYet, 400, "not good at this time")]
    [InlineData(AuthorityFault.IssuedLater, 400, "not good at this time")]
    [InlineData(AuthorityFault.OtherIssuer, 400, "issued by somebody else")]
    [InlineData(AuthorityFault.NotSigned, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.SignatureRemoved, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.CriticalExtension, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.PublicKeyAsSecret, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.WrongKey, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.UnknownKey, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.Altered, 400, "not signed as it has to be")]
    [InlineData(AuthorityFault.WrongAccessTokenHash, 400, "does not hold what it has to")]
    [InlineData(AuthorityFault.NoSubject, 400, "does not hold what it has to")]
    [InlineData(AuthorityFault.NoToken, 400, "holds no ID token")]
    [InlineData(AuthorityFault.NotJson, 400, "holds no ID token")]
    [InlineData(AuthorityFault.TokenError, 400, "It says: invalid_grant: The code *** is &lt;i&gt;old&lt;/i&gt;.")]
    [InlineData(AuthorityFault.TokenErrorWithoutDescription, 400, "It says: invalid_client. Begin again")]
    [InlineData(AuthorityFault.TokenErrorWithStatus200, 400, "It says: bad_verification_code: Not with ***. Begin again")]
    [InlineData(AuthorityFault.TokenErrorPage, 400, "did not take back the code that it gave. A code works once")]
    [InlineData(AuthorityFault.TokenHuge, 502, "did not answer in time")]
    [InlineData(AuthorityFault.ReturnsOtherIssuer, 400, "does not come from Example ID")]
    [InlineData(AuthorityFault.ReturnsErrorOfOtherIssuer, 400, "does not come from Example ID")]
    [InlineData(AuthorityFault.ReturnsNoIssuer, 400, "does not come from Example ID")]
    [InlineData(AuthorityFault.ReturnsNoCode, 400, "holds no code")]
    [InlineData(AuthorityFault.ReturnsTwoCodes, 400, "not the answer to a sign-in that this browser began")]
    [InlineData(AuthorityFault.ReturnsError, 400, "It says: access_denied: The person &lt;b&gt;said&lt;/b&gt; no , state ***.")]
    [InlineData(AuthorityFault.ReturnsOtherState, 400, "not the answer to a sign-in that this browser began")]
    [InlineData(AuthorityFault.ReturnsNoState, 400, "not the answer to a sign-in that this browser began")]
    public async Task SignIn_AuthorityIsWrong_LetsNobodyInAndSaysWhy(AuthorityFault fault, int status, string words)
    {
        stage.Reset();
        Authority.Be("mallory", "mallory@example.com", "portal-admins");
        Authority.Fault = fault;
        using var client = stage.NewClient();

        using var back = await stage.SignInAsync(client);

        var page = await back.Content.ReadAsStringAsync(Token);
        page[(page.IndexOf("<main", StringComparison.Ordinal) + 1)..].ShouldContain(words, customMessage: string.Join('\n', stage.Log.Text.Split('\n').Where(line => line.Contains("ingle", StringComparison.Ordinal)).TakeLast(5)));
        ((int)back.StatusCode).ShouldBe(status);
        back.Headers.Location.ShouldBeNull();
        client.Cookies.Keys.ShouldNotContain("__Host-portal-session");
        (await Stage.IsInAsync(client)).ShouldBeFalse();
        await using var db = await stage.OpenDatabaseAsync();
        (await db.Users.AnyAsync(person => person.Email == "mallory@example.com", Token)).ShouldBeFalse();
        var isRecorded = await db.Activity.AnyAsync(line => line.Action == ActivityAction.SignInRefused && !line.Succeeded && line.From == client.From, Token);
        // What anybody can ask for fills no record.
        isRecorded.ShouldBe(fault is not (AuthorityFault.ReturnsOtherState or AuthorityFault.ReturnsNoState or AuthorityFault.ReturnsTwoCodes));
    }

    [Theory]
    [InlineData(AuthorityFault.DescribesAnother, 400, "does not fit this portal")]
    [InlineData(AuthorityFault.NoKeys, 400, "does not fit this portal")]
    [InlineData(AuthorityFault.DescriptionMissing, 502, "did not answer in time")]
    public async Task Leave_AuthorityDescribesItselfWrongly_SendsNobodyThere(AuthorityFault fault, int status, string words)
    {
        await using var authority = TestAuthority.Start();
        authority.Fault = fault;
        await using var portal = new RunningPortal("Development", authority.Settings(), withSomebody: false);
        await portal.InitializeAsync();
        using var client = portal.NewClient();

        using var left = await client.GetAsync("/sign-in/sso");

        ((int)left.StatusCode).ShouldBe(status);
        (await left.Content.ReadAsStringAsync(Token)).ShouldContain(words);
        // Once it has come to itself, so does the portal.
        authority.Fault = AuthorityFault.None;
        using var again = await client.GetAsync("/sign-in/sso");
        again.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task SignIn_AuthorityIsSilent_IsWaitedForNoLongerThanSet()
    {
        await using var authority = TestAuthority.Start();
        var settings = authority.Settings();
        settings["Portal:SingleSignOn:Timeout"] = "00:00:04";
        await using var portal = new RunningPortal("Development", settings, withSomebody: false);
        await portal.InitializeAsync();
        using var client = portal.NewClient();
        using var left = await client.GetAsync("/sign-in/sso");
        var callback = await stage.AskAsync(left.Headers.Location!);
        authority.Fault = AuthorityFault.TokenSilence;

        using var back = await client.GetAsync(callback);

        back.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await back.Content.ReadAsStringAsync(Token)).ShouldContain("did not answer in time");
        (await Stage.IsInAsync(client)).ShouldBeFalse();
    }

    [Fact]
    public async Task Callback_Again_IsNotTakenTwice()
    {
        stage.Reset();
        Authority.Be("twice", "twice@example.com", "everybody");
        using var client = stage.NewClient();
        using var left = await client.GetAsync("/sign-in/sso");
        var ticket = client.Cookies.Single(cookie => cookie.Key.Contains("-sso-", StringComparison.Ordinal));
        var callback = await stage.AskAsync(left.Headers.Location!);
        using (var first = await client.GetAsync(callback)) first.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var exchanges = Authority.Exchanges;

        // A reload of somebody who is in.
        using (var reload = await client.GetAsync(callback)) reload.Headers.Location!.OriginalString.ShouldBe("/");
        // Another browser, without the ticket and with a stolen one.
        using var stranger = stage.NewClient();
        using (var without = await stranger.GetAsync(callback)) without.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using (var stolen = await stranger.GetAsync(callback, ("Cookie", $"{ticket.Key}={ticket.Value}"))) stolen.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Stage.IsInAsync(stranger)).ShouldBeFalse();
        Authority.Exchanges.ShouldBe(exchanges);
    }

    [Fact]
    public async Task Callback_AsForm_IsNotTaken()
    {
        stage.Reset();
        Authority.Be("posted", "posted@example.com", "everybody");
        using var client = stage.NewClient();
        using var left = await client.GetAsync("/sign-in/sso");
        var callback = await stage.AskAsync(left.Headers.Location!);
        var exchanges = Authority.Exchanges;
        var fields = HttpUtility.ParseQueryString(callback[callback.IndexOf('?', StringComparison.Ordinal)..]);

        // The handler would read a form, without the rate limit of the route and past the rules about the parameters of the address.
        using var form = new FormUrlEncodedContent(fields.AllKeys.Select(name => KeyValuePair.Create(name!, fields[name]!)));
        using var posted = await client.SendAsync(HttpMethod.Post, "/sign-in/sso/callback", form);

        Authority.Exchanges.ShouldBe(exchanges);
        (await Stage.IsInAsync(client)).ShouldBeFalse();
        using var back = await client.GetAsync(callback);
        back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Callback_TooLate_IsNotTaken()
    {
        stage.Reset();
        Authority.Be("late", "late@example.com", "everybody");
        using var client = stage.NewClient();
        using var left = await client.GetAsync("/sign-in/sso");
        var callback = await stage.AskAsync(left.Headers.Location!);
        stage.Clock.Ahead = SingleSignOnScheme.Lifetime;

        using var back = await client.GetAsync(callback);

        (await back.Content.ReadAsStringAsync(Token)).ShouldContain("within the last ten minutes");
        (await Stage.IsInAsync(client)).ShouldBeFalse();
    }
}
