using System.Net;
using AdminPortal.Hosting;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>
/// Addresses that hold a secret or a code are repeated nowhere: not in a log of any level, whatever is configured for its
/// provider, not in a redirect, not in an answer, not in the activity record, not in a trace. For every method.
/// </summary>
public sealed class SecretAddressTests
{
    private const string Planted = "planted0secret0planted0secret0planted0abcdef";

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

    private static readonly string[] Addresses =
    [
        .. SecretAddresses.ByQuery.Select(path => $"{path}?code={Planted}&state={Planted}"),
        .. SecretAddresses.ByQuery.Select(path => $"{path.ToUpperInvariant()}/?state={Planted}"),
        .. SecretAddresses.ByPath.SelectMany(path => new[] { $"{path}/{Planted}.ics", $"{path}/{Planted}.ics?zone=Europe/Berlin", $"{path}/{Planted}", $"{path}/{Planted}/more", $"{path.ToUpperInvariant()}/{Planted}.ics" }),
        // Where nothing is: a proxy, a wrong link or a trial.
        $"/oauth/callback/more?code={Planted}&state={Planted}", $"/oauth%2Fcallback?code={Planted}", $"/nowhere?state={Planted}", $"/nowhere?token={Planted}", $"/%6Fauth/callback?code={Planted}",
        // A secret for another page, and as the way back from the sign-in.
        $"/instances?access_token={Planted}", $"/nowhere?apiSecret={Planted}", $"/api/v1/instances?access_token={Planted}", $"/api/v1/nothing?token={Planted}", $"/status/404?code={Planted}", $"/error?code={Planted}",
        $"/sign-in?returnUrl={Uri.EscapeDataString($"/oauth/callback?code={Planted}&state={Planted}")}", $"/sign-in?returnUrl={Uri.EscapeDataString($"/lapses/{Planted}.ics")}",
        $"/sign-in?returnUrl={Uri.EscapeDataString($"/join?code={Planted}")}", $"/sign-in/second?returnUrl={Uri.EscapeDataString($"/setup?code={Planted}")}",
        $"/sign-in/sso?returnUrl={Uri.EscapeDataString($"/let-in?code={Planted}")}",
    ];

    /// <summary>The pages that a link of this kind opens, and sends back to itself with the form that it is for.</summary>
    private static readonly string[] OwnPages = ["/setup", "/join", "/let-in"];

    [Theory]
    [InlineData(Visitor.Nobody)]
    [InlineData(Visitor.SignedIn)]
    [InlineData(Visitor.WrongHost)]
    [InlineData(Visitor.WrongScheme)]
    [InlineData(Visitor.BrokenStorage)]
    public async Task Ask_SecretAddressByAnyMethod_IsRepeatedNowhere(Visitor visitor)
    {
        var log = new CollectedLog();
        await using var portal = new RunningPortal("Production", AllLevels(), log: log);
        await portal.InitializeAsync();
        using var traces = new RecordedActivities();
        using var client = visitor == Visitor.SignedIn ? portal.NewSignedInClient() : portal.NewClient();
        if (visitor == Visitor.BrokenStorage) await BreakAsync(portal);
        var leaks = new List<string>();
        var asked = 0;

        foreach (var address in Addresses)
        {
            foreach (var method in Methods)
            {
                client.From = $"198.51.{asked / 200}.{asked++ % 200}";
                using var answer = await client.SendAsync(new HttpMethod(method), address, method is "POST" or "PUT" ? new FormUrlEncodedContent([]) : null, visitor switch
                {
                    Visitor.WrongHost => [("Host", "evil.example")],
                    Visitor.WrongScheme => [("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "evil.example")],
                    _ => [],
                });
                if (answer.Headers.ToString().Contains(Planted, StringComparison.OrdinalIgnoreCase)) leaks.Add($"{method} {address}: headers {answer.Headers.Location}");
                var isOwnPage = answer.StatusCode == HttpStatusCode.OK && OwnPages.Any(page => address.StartsWith(page, StringComparison.OrdinalIgnoreCase));
                if (!isOwnPage && (await answer.Content.ReadAsStringAsync(Token)).Contains(Planted, StringComparison.OrdinalIgnoreCase)) leaks.Add($"{method} {address}: body of {(int)answer.StatusCode}");
            }
        }

        leaks.ShouldBeEmpty();
        log.Lines.Where(line => line.Contains(Planted, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
        log.Lines.ShouldContain(line => line.StartsWith("Debug Microsoft.AspNetCore.", StringComparison.Ordinal));
        traces.Said.Where(said => !said.StartsWith("System.Net.Http", StringComparison.Ordinal) && said.Contains(Planted, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
        if (visitor != Visitor.BrokenStorage) (await RecordAsync(portal)).ShouldNotContain(Planted, Case.Insensitive);
    }

    [Fact]
    public async Task Log_LineOfAnyLibraryWithASecretAddress_HoldsNoSecret()
    {
        var log = new CollectedLog();
        await using var portal = new RunningPortal("Production", AllLevels(), log: log);
        await portal.InitializeAsync();
        var logger = portal.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Some.Library");
        foreach (var address in Addresses)
        {
            List<KeyValuePair<string, object?>> values = [new("Address", address)];
            Exception failure = new InvalidOperationException("Failed at " + address);
            logger.Log(LogLevel.Warning, 1, "text", null, (_, _) => "Asked for " + address);
            logger.Log(LogLevel.Warning, 2, values, null, (_, _) => "Asked");
            logger.Log(LogLevel.Warning, 3, "exception", failure, (_, _) => "Asked");
            using (logger.BeginScope("At " + address)) logger.Log(LogLevel.Warning, 4, "scope", null, (_, _) => "Asked");
            using (logger.BeginScope(values)) logger.Log(LogLevel.Warning, 5, "scope", null, (_, _) => "Asked");
        }

        var lines = log.Lines.Where(line => line.Contains("Some.Library", StringComparison.Ordinal)).ToList();
        lines.Count.ShouldBe(5 * Addresses.Length);
        lines.Where(line => line.Contains(Planted, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
    }

    [Fact]
    public void Routes_WhosePathOrPageTakesACode_AreKnown()
    {
        // The routes of a running portal that are open to everybody and take a parameter that is neither an id nor a name of a page.
        SecretAddresses.IsRoute("/lapses/abc.ics").ShouldBeTrue();
        SecretAddresses.IsRoute("/lapses").ShouldBeFalse();
        SecretAddresses.IsRoute("/OAuth/Callback/").ShouldBeTrue();
        SecretAddresses.Holds("/instances?state=Active").ShouldBeFalse();
        SecretAddresses.Holds("javascript:alert(1)").ShouldBeFalse();
        SecretAddresses.Holds("/instances?Access_Token=x").ShouldBeTrue();
    }

    [Fact]
    public async Task Routes_OpenToEverybodyWithAFreeParameter_AreKnown()
    {
        await using var portal = new RunningPortal();
        await portal.InitializeAsync();

        var free = portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is not null)
            .Where(endpoint => endpoint.RoutePattern.Parameters.Any(parameter => parameter.ParameterPolicies.Count == 0))
            .Select(HeaderTests.Path).Distinct().Where(path => !SecretAddresses.IsRoute(path)).ToList();

        // Files, and the kinds of the callback's landing pages.
        free.Where(path => !path.StartsWith("/_", StringComparison.Ordinal) && !path.StartsWith("/oauth/landing/", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GET /oauth/callback?code=abcdefgh&state=x", "GET /oauth/callback?code=…&state=…")]
    [InlineData("to /sign-in?returnUrl=%2Foauth%2Fcallback%3Fcode%3Dabcdefgh%26state%3Dijk", "to /sign-in?returnUrl=%2Foauth%2Fcallback%3Fcode%3D…%26state%3D…")]
    [InlineData("GET https://api.cloud-elements.com/oauth/url?apiKey=abcdefgh&apiSecret=abcdefgh&x=y", "GET https://api.cloud-elements.com/oauth/url?apiKey=…&apiSecret=…&x=y")]
    [InlineData("path 'lapses/abcdefgh.ics'", "path 'lapses/….ics'")]
    [InlineData("WHERE code = @code AND x?='a'", "WHERE code = @code AND x?='a'")]
    public void Redact_Text_KeepsEverythingElse(string text, string redacted) => SecretAddresses.Redact(text).ShouldBe(redacted);

    public enum Visitor
    {
        Nobody,
        SignedIn,
        WrongHost,
        WrongScheme,
        BrokenStorage,
    }

    // Levels for one provider win over everything that code says for all.
    private static Dictionary<string, string> AllLevels()
    {
        Dictionary<string, string> settings = new() { ["Logging:LogLevel:Default"] = "Trace" };
        foreach (var category in new[]
        {
            "Default", "Microsoft.AspNetCore", "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Routing", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.SignalR",
            "Microsoft.EntityFrameworkCore",
        })
            settings[$"Logging:{typeof(CollectedLog).FullName}:LogLevel:{category}"] = "Trace";
        return settings;
    }

    private static async Task BreakAsync(RunningPortal portal)
    {
        using (var connection = new SqliteConnection(PortalDatabase.ConnectionString(portal.Folder))) SqliteConnection.ClearPool(connection);
        foreach (var file in Directory.GetFiles(portal.Folder, "portal.db*")) await File.WriteAllTextAsync(file, new string('x', 8192), Token);
    }

    private static async Task<string> RecordAsync(RunningPortal portal)
    {
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync(Token);
        return string.Join('\n', (await db.Activity.AsNoTracking().ToListAsync(Token)).Select(line => $"{line.Subject} {line.Detail} {line.From}"));
    }
}
