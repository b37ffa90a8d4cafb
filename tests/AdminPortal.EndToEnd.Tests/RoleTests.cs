using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Who may what: every address as every role and as nobody, and what a person meets whose role changes.</summary>
public sealed partial class RoleTests : IAsyncLifetime
{
    private const string Anybody = "anybody";
    private const string Viewer = "Viewer";
    private const string Operator = "Operator";
    private const string Administrator = "Administrator";

    /// <summary>What was decided for every page and endpoint. One that is not here fails the test.</summary>
    private static readonly Dictionary<string, string> Decided = new(StringComparer.Ordinal)
    {
        ["/"] = Viewer,
        ["/accounts"] = Viewer,
        ["/accounts/new"] = Administrator,
        ["/accounts/{Id:guid}"] = Administrator,
        ["/accounts/{Id:guid}/move"] = Administrator,
        ["/accounts/{Id:guid}/sync"] = Viewer,
        ["/activity"] = Viewer,
        ["/activity/{JobId:guid}"] = Viewer,
        ["/activity/{job:guid}/export"] = Operator,
        ["/activity/export"] = Operator,
        ["/attempts"] = Viewer,
        ["POST /confirm"] = Viewer,
        ["POST /confirm/passkey"] = Viewer,
        ["/connect"] = Operator,
        ["/connect/{AttemptId:guid}"] = Viewer,
        ["/connect/{AttemptId:guid}/{StepName}"] = Operator,
        ["/connect/{attempt:guid}/go"] = Operator,
        ["/connect/{attempt:guid}/support-bundle"] = Operator,
        ["/error"] = Anybody,
        ["/health"] = Anybody,
        ["/health/live"] = Anybody,
        ["/health/ready"] = Anybody,
        ["/help"] = Viewer,
        ["/help/{Name}"] = Viewer,
        ["/help/api"] = Viewer,
        ["/instances"] = Viewer,
        ["/instances/{Id:guid}"] = Viewer,
        ["/instances/{Id:guid}/activity"] = Viewer,
        ["/instances/{Id:guid}/configuration"] = Viewer,
        ["/instances/{Id:guid}/events"] = Viewer,
        ["/instances/{Id:guid}/re-authenticate"] = Operator,
        ["/instances/{Id:guid}/requests"] = Viewer,
        ["POST /instances/{id:guid}/token"] = Operator,
        ["/join"] = Anybody,
        ["/keys"] = Administrator,
        ["/lapses"] = Viewer,
        ["LapseAddress.Path + /{secret}.ics"] = Anybody,
        ["/legacy-keys"] = Viewer,
        ["/legacy-keys/{Id:guid}"] = Viewer,
        ["/me"] = Viewer,
        ["POST /me/passkeys"] = Viewer,
        ["POST /me/passkeys/confirm"] = Viewer,
        ["POST /me/passkeys/confirm/options"] = Viewer,
        ["POST /me/passkeys/options"] = Viewer,
        ["/let-in"] = Anybody,
        ["/me/single-sign-on"] = Viewer,
        ["POST /me/single-sign-on/connect"] = Viewer,
        ["Path"] = Anybody,
        ["PortalAddresses.SingleSignOnCallbackPath"] = Anybody,
        ["/me/tokens"] = Viewer,
        ["POST /me/seen"] = Viewer,
        ["/me/sessions"] = Viewer,
        ["/not-found"] = Viewer,
        ["PortalAddresses.CallbackPath"] = Anybody,
        ["PortalAddresses.ProbePath"] = Anybody,
        ["/oauth/landing/{Kind}"] = Anybody,
        ["/people"] = Administrator,
        ["/provider-apps"] = Viewer,
        ["/provider-apps/new"] = Administrator,
        ["/provider-apps/{Id:guid}"] = Administrator,
        ["/reveals"] = Operator,
        ["/setup"] = Anybody,
        ["/sign-in"] = Anybody,
        ["/sign-in/second"] = Anybody,
        ["POST /sign-in/passkey"] = Anybody,
        ["POST /sign-in/passkey/options"] = Anybody,
        ["/status/403"] = Viewer,
        ["/status/{Code:int}"] = Viewer,
        ["POST /sign-out"] = Viewer,
    };

    private readonly Stage _stage = new() { Settings = new Dictionary<string, string> { ["Portal__SessionCheckInterval"] = "00:00:01" } };

    public ValueTask InitializeAsync() => _stage.InitializeAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Endpoints_EveryOne_LetsInWhoeverMay()
    {
        Routes().Except(Decided.Keys).ShouldBeEmpty("A new address: decide who may.");
        Decided.Keys.Except(Routes()).ShouldBeEmpty("These are gone.");

        var people = new PeopleDriver(_stage);
        var admin = await _stage.NewPageAsync();
        await admin.GotoAsync("/people");
        var sessions = new List<(string? Role, IAPIRequestContext Requests)>
        {
            (null, (await _stage.NewBrowserAsync(signedIn: false)).APIRequest),
            (Viewer, (await people.JoinAsync(await PeopleDriver.InviteAsync(admin, "viewer@example.com", Viewer), "viewer@example.com")).Context.APIRequest),
            (Operator, (await people.JoinAsync(await PeopleDriver.InviteAsync(admin, "operator@example.com", Operator), "operator@example.com")).Context.APIRequest),
            (Administrator, admin.Context.APIRequest),
        };
        // Last, because it ends the session.
        foreach (var (route, least) in Decided.OrderBy(decided => decided.Key == "POST /sign-out"))
        {
            foreach (var (role, requests) in sessions)
            {
                var answer = await requests.FetchAsync(
                    Address(route), new APIRequestContextOptions { Method = route.StartsWith("POST ", StringComparison.Ordinal) ? "POST" : "GET", MaxRedirects = 0 });
                // Every page has an address to come back to, except the root; forms have none.
                var leadsToSignIn = answer.Headers.TryGetValue("location", out var location)
                    && (location.Contains("/sign-in?", StringComparison.Ordinal) || ((route == "/" || route.StartsWith("POST ", StringComparison.Ordinal)) && location.EndsWith("/sign-in", StringComparison.Ordinal)));
                var who = $"{route} as {role ?? "nobody"}: {answer.Status}";
                if (least == Anybody || (role is not null && Rank(role) >= Rank(least)))
                {
                    answer.Status.ShouldNotBe((int)HttpStatusCode.Forbidden, who);
                    answer.Status.ShouldBeLessThan(500, who);
                    leadsToSignIn.ShouldBeFalse(who);
                }
                else if (role is null)
                {
                    (answer.Status, leadsToSignIn).ShouldBe(((int)HttpStatusCode.Redirect, true), who);
                }
                else
                {
                    answer.Status.ShouldBe((int)HttpStatusCode.Forbidden, who);
                    (await answer.TextAsync()).ShouldContain(route.StartsWith("POST ", StringComparison.Ordinal) ? "needs the role" : "This is not for your role", Case.Sensitive, who);
                }
            }
        }

        // The hub of the circuits, which no file of the portal maps by itself.
        (await sessions[0].Requests.PostAsync("/_blazor/negotiate?negotiateVersion=1", new APIRequestContextOptions { MaxRedirects = 0 })).Status.ShouldNotBe(200);
    }

    [Fact]
    public async Task Viewer_WhoBecomesAnOperatorAndIsDisabled_MeetsIt()
    {
        var people = new PeopleDriver(_stage);
        var admin = await _stage.NewPageAsync();
        await admin.GotoAsync("/people");
        var link = await PeopleDriver.InviteAsync(admin, "vera@example.com", Viewer);
        await Axe.CheckAsync(admin, "people");
        var vera = await people.JoinAsync(link, "vera@example.com", opened => Axe.CheckAsync(opened, "join"));

        // What a viewer may not use is not there, and a page says who may.
        await vera.GotoAsync("/accounts");
        await Expect(vera.GetByText("Managing platform accounts needs the role Administrator; your role is Viewer.")).ToBeVisibleAsync();
        await Expect(vera.GetByRole(AriaRole.Link, new() { Name = "Connect", Exact = true })).ToHaveCountAsync(0);
        await Expect(vera.GetByRole(AriaRole.Link, new() { Name = "People" })).ToHaveCountAsync(0);
        var forbidden = await vera.GotoAsync("/people");
        forbidden!.Status.ShouldBe((int)HttpStatusCode.Forbidden);
        await new WizardDriver(vera).WaitForHeadingAsync("This is not for your role");
        await Axe.CheckAsync(vera, "forbidden");
        await vera.GotoAsync("/instances");
        await new WizardDriver(vera).WaitForHeadingAsync("Instances");

        // Another role: the open page ends by itself, and the next session has it.
        await admin.GetByLabel("Role of vera@example.com").SelectOptionAsync(Operator);
        await admin.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Change the role" }).ClickAsync();
        await Expect(admin.GetByText("vera@example.com is an operator now.")).ToBeVisibleAsync();
        await vera.WaitForURLAsync(new Regex("/sign-in"));
        await PeopleDriver.SignInAsync(vera, "vera@example.com");
        await vera.GotoAsync("/connect");
        await new WizardDriver(vera).WaitForHeadingAsync("Choose the element");

        // Another browser of hers, ended from this one: its open page is led to the sign-in.
        var elsewhere = await _stage.NewPageAsync(signedIn: false);
        await elsewhere.GotoAsync("/sign-in?returnUrl=%2Finstances");
        await PeopleDriver.SignInAsync(elsewhere, "vera@example.com");
        await new WizardDriver(elsewhere).WaitForHeadingAsync("Instances");
        await vera.GotoAsync("/me/sessions");
        await Expect(vera.GetByRole(AriaRole.Row)).ToHaveCountAsync(3);
        await Expect(vera.GetByRole(AriaRole.Row).Nth(1)).ToContainTextAsync("Chrome on Linux");
        await Axe.CheckAsync(vera, "sessions");
        await vera.GetByRole(AriaRole.Button, new() { Name = "End the session in Chrome on Linux" }).ClickAsync();
        await Expect(vera.GetByText("The session has ended.")).ToBeVisibleAsync();
        await elsewhere.WaitForURLAsync(new Regex("/sign-in"));
        await elsewhere.GotoAsync("/instances");
        await elsewhere.WaitForURLAsync(new Regex("/sign-in"));

        // Long after the sign-in, the administrator is asked for the password, which no circuit sees.
        var frames = new List<string>();
        admin.WebSocket += (_, socket) =>
        {
            socket.FrameReceived += (_, frame) => frames.Add(frame.Text ?? Encoding.UTF8.GetString(frame.Binary ?? []));
            socket.FrameSent += (_, frame) => frames.Add(frame.Text ?? Encoding.UTF8.GetString(frame.Binary ?? []));
        };
        await admin.ReloadAsync();
        await AgeConfirmationsAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "New link for vera@example.com" }).ClickAsync();
        await admin.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "New link", Exact = true }).ClickAsync();
        var confirm = admin.GetByRole(AriaRole.Dialog, new() { Name = "Confirm it is you" });
        await confirm.GetByLabel("Password").FillAsync("a wrong password");
        await confirm.GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
        await Expect(confirm.GetByText("That is not your password.")).ToBeVisibleAsync();
        await Axe.CheckAsync(admin, "confirmation");
        await confirm.GetByLabel("Password").FillAsync(Stage.Password);
        await confirm.GetByLabel("Password").PressAsync("Enter");
        await Expect(admin.GetByLabel("One-time link for vera@example.com", new() { Exact = true })).ToBeVisibleAsync();
        frames.ShouldNotBeEmpty();
        frames.ShouldAllBe(frame => !frame.Contains(Stage.Password, StringComparison.Ordinal) && !frame.Contains("a wrong password", StringComparison.Ordinal));

        // Kept out: the open page ends again, and nobody is let in.
        await admin.GetByRole(AriaRole.Button, new() { Name = "Disable vera@example.com" }).ClickAsync();
        await admin.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable", Exact = true }).ClickAsync();
        await Expect(admin.GetByText("vera@example.com is disabled.")).ToBeVisibleAsync();
        await vera.WaitForURLAsync(new Regex("/sign-in"));
        await PeopleDriver.SignInAsync(vera, "vera@example.com");
        await Expect(vera.GetByText("Wrong email or password")).ToBeVisibleAsync();

        // The last administrator is told so, and has no button for it.
        await Expect(admin.GetByText("The last administrator who can sign in")).ToBeVisibleAsync();
        await Expect(admin.GetByLabel($"Role of {Stage.Email}")).ToBeDisabledAsync();
        _stage.Portal.Output.ShouldNotContain(link.Split("code=")[1]);
    }

    // As if everybody had signed in two hours ago.
    private async Task AgeConfirmationsAsync()
    {
        await using var database = new SqliteConnection($"Data Source={_stage.Portal.DatabaseFile};Default Timeout=20;Pooling=False");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = "UPDATE Sessions SET ConfirmedAt = ConfirmedAt - $ticks";
        command.Parameters.AddWithValue("$ticks", TimeSpan.FromHours(2).Ticks);
        (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
    }

    private static int Rank(string role) => Array.IndexOf([Viewer, Operator, Administrator], role);

    /// <summary>An address of a route, with ids of nothing unless others are given.</summary>
    internal static string Address(string route, Func<string, string?>? idOf = null)
    {
        var path = route.Split(' ')[^1] switch
        {
            "PortalAddresses.CallbackPath" => "/oauth/callback",
            "PortalAddresses.ProbePath" => "/oauth/callback/probe",
            "PortalAddresses.SingleSignOnCallbackPath" => "/sign-in/sso/callback",
            "Path" => "/sign-in/sso",
            "/{secret}.ics" => "/lapses/{secret}.ics",
            var other => other,
        };
        return Parameter().Replace(path, match => match.Value switch
        {
            "{StepName}" => "review",
            "{Code:int}" => "404",
            "{Kind}" => "unknown",
            "{Name}" => "security",
            "{secret}" => new string('a', 43),
            _ => idOf?.Invoke(path) ?? "01a200c2-a625-783e-a623-d7eac4fc2635",
        });
    }

    /// <summary>All routes, as the sources write them, so that a new one is noticed.</summary>
    internal static HashSet<string> Routes()
    {
        var routes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "AdminPortal"), "*.*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal)))
        {
            if (file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)) continue;
            var source = File.ReadAllText(file);
            foreach (Match page in Page().Matches(source)) routes.Add(page.Groups[1].Value);
            foreach (Match endpoint in Endpoint().Matches(source))
                routes.Add((endpoint.Groups[1].Value is "Get" or "HealthChecks" ? "" : endpoint.Groups[1].Value.ToUpperInvariant() + " ") + endpoint.Groups[2].Value.Replace("\"", "", StringComparison.Ordinal));
        }

        return routes;
    }

    [GeneratedRegex("^@page \"([^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex Page();

    [GeneratedRegex(@"app\.Map(Get|Post|Put|Delete|Patch|Methods|HealthChecks|Fallback)\(([^,]+),")]
    private static partial Regex Endpoint();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
