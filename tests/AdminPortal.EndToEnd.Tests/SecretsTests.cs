using System.Collections.Concurrent;
using System.Text;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Plants secrets, walks the whole main job, and searches for them everywhere but where they belong.</summary>
public sealed class SecretsTests : IAsyncLifetime
{
    private const string Passphrase = "planted passphrase of a backup";
    private const string CertificatePassword = "planted-certificate-password";

    // Everything that any log level could give away.
    private readonly Stage _stage = new()
    {
        Settings = new Dictionary<string, string>
        {
            ["Logging__LogLevel__Default"] = "Trace",
            ["Logging__LogLevel__Microsoft"] = "Trace",
            ["Logging__LogLevel__System.Net.Http"] = "Trace",
            ["Logging__Console__FormatterOptions__IncludeScopes"] = "true",
        },
    };

    private readonly ConcurrentQueue<string> _seen = [];
    private readonly ConcurrentQueue<string> _sent = [];

    public ValueTask InitializeAsync() => _stage.InitializeAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task PlantedSecrets_AfterTheWholeMainJobOnEveryPageAsEveryRole_AreFoundNowhere()
    {
        var page = Listen(await (await _stage.NewBrowserAsync()).NewPageAsync());
        string? code = null;
        string? state = null;
        page.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            if (url.AbsolutePath != "/oauth/callback") return;
            var query = System.Web.HttpUtility.ParseQueryString(url.Query);
            (code, state) = (query["code"], query["state"]);
        };

        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();
        await wizard.ChooseElementAsync("Infusionsoft CRM");
        await wizard.FillProviderAsync("client-secrets");
        await wizard.ContinueToAsync("The Infusionsoft account");
        await wizard.FillAccountAsync();
        await wizard.ContinueToAsync("Name and options");
        await page.GetByLabel("Instance name").FillAsync("Secrets");
        await wizard.ContinueToAsync("Review and authorize");
        _seen.Enqueue(await page.ContentAsync());
        await wizard.GoToConsentAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
        _seen.Enqueue(await page.ContentAsync());
        var attempt = page.Url.Split('/')[^1];
        await page.GetByText("Copy token").ClickAsync();
        await wizard.GiveReasonAsync("Copy");
        await page.GetByText("Copied.").WaitForAsync();
        var token = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        token.Length.ShouldBeGreaterThan(20);
        _seen.Enqueue(await page.ContentAsync());

        // Every page, as whoever may see it, with the ids of what was made.
        await page.GotoAsync("/people");
        var people = new PeopleDriver(_stage);
        var visits = 0;
        foreach (var (role, visitor) in new[]
        {
            ("Viewer", await people.JoinAsync(await PeopleDriver.InviteAsync(page, "viewer@example.com", "Viewer"), "viewer@example.com")),
            ("Operator", await people.JoinAsync(await PeopleDriver.InviteAsync(page, "operator@example.com", "Operator"), "operator@example.com")),
            ("Administrator", page),
        })
        {
            if (visitor != page) _ = Listen(visitor);
            foreach (var route in RoleTests.Routes().Where(route => route.StartsWith('/') && !route.Contains("/go", StringComparison.Ordinal)))
            {
                var address = RoleTests.Address(route, path => IdOf(path, attempt));
                if (route.EndsWith("/export", StringComparison.Ordinal) || route.EndsWith("/support-bundle", StringComparison.Ordinal) || route.StartsWith("/health", StringComparison.Ordinal))
                {
                    _seen.Enqueue(await (await visitor.Context.APIRequest.GetAsync(address, new() { MaxRedirects = 0 })).TextAsync());
                    continue;
                }

                await visitor.GotoAsync(address);
                await visitor.GetByRole(AriaRole.Heading, new() { Level = 1 }).First.WaitForAsync();
                _seen.Enqueue(await visitor.ContentAsync());
                visits++;
            }

            visits.ShouldBeGreaterThan(20, role);
        }

        // Copies of the database, in the clear and not; a start that fails over a secret of the settings.
        var copies = Directory.CreateDirectory(Path.Combine(_stage.Portal.DataDirectory, "copies")).FullName;
        var passphrase = Path.Combine(_stage.Portal.DataDirectory, "passphrase.txt");
        await File.WriteAllTextAsync(passphrase, Passphrase);
        foreach (var run in new[]
        {
            await _stage.Portal.RunAsync("backup", Path.Combine(copies, "plain.db")),
            await _stage.Portal.RunAsync("backup", Path.Combine(copies, "sealed.db.enc"), "--passphrase-file", passphrase),
            await _stage.Portal.RunAsync("doctor", "--offline"),
        })
        {
            run.ExitCode.ShouldBe(0, run.Output);
            _seen.Enqueue(run.Output);
        }

        File.Delete(passphrase);
        ReadWhileOpen(Path.Combine(copies, "plain.db")).ShouldContain("client-secrets");
        ReadWhileOpen(Path.Combine(copies, "sealed.db.enc")).ShouldNotContain("client-secrets");
        await _stage.Portal.StopAsync();
        await using (var failing = _stage.Portal.Begin(new() { ["Portal__KeyRing__CertificatePath"] = Path.Combine(copies, "plain.db"), ["Portal__KeyRing__CertificatePassword"] = CertificatePassword }))
        {
            (await failing.WaitForExitAsync()).ShouldNotBe(0);
            failing.Output.ShouldContain("Portal:KeyRing:CertificatePath");
            _seen.Enqueue(failing.Output);
        }

        await _stage.Portal.StartAsync();
        var files = Directory.EnumerateFiles(_stage.Portal.DataDirectory, "*", SearchOption.AllDirectories).ToList();
        files.ShouldContain(_stage.Portal.DatabaseFile);
        var places = _seen.Append(_stage.Portal.Output).Concat(files.Select(ReadWhileOpen)).ToList();

        // What a person types into the forms of circuits goes over them; the password and the token never do.
        _sent.ShouldContain(frame => frame.Contains("client-secrets", StringComparison.Ordinal));
        _sent.ShouldAllBe(frame => !frame.Contains(Stage.Password, StringComparison.Ordinal) && !frame.Contains(token, StringComparison.Ordinal));
        code.ShouldNotBeNullOrEmpty();
        state.ShouldNotBeNullOrEmpty();
        foreach (var secret in new[]
        {
            WizardDriver.ClientSecret, WizardDriver.EncryptedKey, Sandbox.OrganizationSecret, Sandbox.UserSecret, code!, state!, token, Stage.Password, PeopleDriver.Password, Passphrase, CertificatePassword,
        })
        {
            foreach (var form in new[] { secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)) }.Distinct())
                places.ShouldAllBe(place => !place.Contains(form, StringComparison.Ordinal), $"A secret that begins with {form[..4]} was found.");
        }
    }

    [Fact]
    public async Task Search_ForWhatIsNotSecret_FindsIt()
    {
        // The search itself can find: the same places hold the name and the client ID.
        var wizard = new WizardDriver(await _stage.NewPageAsync());
        await wizard.ConnectAsync("Infusionsoft REST", "Findable by the search");
        Directory.EnumerateFiles(_stage.Portal.DataDirectory).Select(ReadWhileOpen).ShouldContain(text => text.Contains("Findable by the search", StringComparison.Ordinal));
        (await wizard.Page.ContentAsync()).ShouldContain("Findable by the search");
        _stage.Portal.Output.ShouldContain("CodeReceived");
    }

    // Everything that the server sends over circuits and as headers, and what the browser sends over circuits.
    private IPage Listen(IPage page)
    {
        page.WebSocket += (_, socket) =>
        {
            socket.FrameReceived += (_, frame) => _seen.Enqueue(Read(frame));
            socket.FrameSent += (_, frame) => _sent.Enqueue(Read(frame));
        };
        page.Response += (_, response) => _seen.Enqueue(string.Join('\n', response.Headers.Where(header => header.Key != "location").Select(header => header.Value)));
        return page;

        static string Read(IWebSocketFrame frame) => frame.Text ?? Encoding.UTF8.GetString(frame.Binary ?? []);
    }

    private string? IdOf(string path, string attempt) => path.Split('/')[1] switch
    {
        "connect" => attempt,
        "accounts" => First("Accounts"),
        "provider-apps" => First("ProviderApps"),
        "instances" or "legacy-keys" => First("Instances"),
        _ => null,
    };

    private string First(string table)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _stage.Portal.DatabaseFile, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // One of the names above.
        command.CommandText = $"SELECT Id FROM {table} LIMIT 1";
#pragma warning restore CA2100
        return (string)command.ExecuteScalar()!;
    }

    // Latin-1 keeps every byte, so that text inside a binary file is found.
    private static string ReadWhileOpen(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
