using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AdminPortal.Components.Tests.Hosting;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Features.Api;

/// <summary>What was answered.</summary>
internal sealed record ApiReply(HttpStatusCode Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>The last part of a problem's type.</summary>
    public string Problem => ContentType == "application/problem+json" ? Json["type"]!.GetValue<string>().Split('#')[1] : $"no problem: {(int)Status} {ContentType}";

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}

/// <summary>Scripts, and what they find.</summary>
internal static class ApiClient
{
    private static int addresses;

    /// <summary>A token of a new person.</summary>
    public static async Task<(string Value, Actor Person, Guid Id)> NewTokenAsync(this RunningPortal portal, Role role, params ApiScope[] scopes)
    {
        var person = new PortalUser { Id = Guid.CreateVersion7(), UserName = $"{Guid.NewGuid():N}@example.com", Role = Role.Operator, PasswordHash = "hash", SecurityStamp = "stamp" };
        person.NormalizedUserName = person.UserName.ToUpperInvariant();
        await using var db = portal.OpenDatabase();
        db.Users.Add(person);
        await db.SaveChangesAsync(Token);
        var session = await portal.Services.GetRequiredService<SessionService>().OpenAsync(person, null, "test", null, SessionProof.Full, Token);
        var actor = new Actor(person.Id, person.UserName) { Role = Role.Operator, SessionId = session };
        var made = await portal.Services.GetRequiredService<ApiTokenService>().MakeAsync(
            new ApiTokenInput { Name = "Script", Scopes = scopes.Length == 0 ? ApiScopes.All : scopes }, actor, Token);
        // What a role forbids is asked at the call, whatever it was when the token was made.
        person.Role = role;
        await db.SaveChangesAsync(Token);
        return (made.Value.Value, actor with { Role = role }, made.Value.Line.Id);
    }

    /// <summary>Calls without a cookie, each time from another address.</summary>
    public static async Task<ApiReply> CallAsync(
        this RunningPortal portal, string method, string path, string? token, string? body = null, params (string Name, string Value)[] headers)
    {
        using var client = portal.NewClient();
        return await client.CallAsync(method, path, token, body, headers);
    }

    public static async Task<ApiReply> CallAsync(this PortalClient client, string method, string path, string? token, string? body = null, params (string Name, string Value)[] headers)
    {
        var number = Interlocked.Increment(ref addresses);
        if (client.From == "203.0.113.1") client.From = $"10.{number / 65536}.{number / 256 % 256}.{number % 256}";
        if (token is not null) headers = [.. headers, ("Authorization", $"Bearer {token}")];
        var type = headers.FirstOrDefault(header => header.Name == "Content-Type").Value ?? "application/json";
        var content = body is null ? null : new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        using var answer = await client.SendAsync(new HttpMethod(method), path, content, [.. headers.Where(header => header.Name != "Content-Type")]);
        return new ApiReply(answer.StatusCode, answer.Headers, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(Token));
    }

    public static PortalDb OpenDatabase(this RunningPortal portal) => portal.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContext();

    public static FakePlatform Platform(this RunningPortal portal) => (FakePlatform)portal.Services.GetRequiredService<AdminPortal.Platform.IElementsPlatform>();

    public static async Task<Guid> AddAccountAsync(this RunningPortal portal) =>
        (await portal.Services.GetRequiredService<AccountService>().SaveAsync(
            new AccountInput { Name = $"Account {Guid.NewGuid():N}", BaseUrl = "https://staging.cloud-elements.com", OrganizationSecret = "planted-org-secret", UserSecret = "planted-user-secret" }, Token)).Value;

    public static async Task<Guid> AddAppAsync(this RunningPortal portal) =>
        (await portal.Services.GetRequiredService<ProviderAppService>().SaveAsync(
            new ProviderAppInput { Name = $"App {Guid.NewGuid():N}", ClientId = "client-id", ClientSecret = "planted-client-secret", AllowedFor = ["https://staging.cloud-elements.com"] }, Token)).Value;

    /// <summary>Instances of one account, with consecutive platform ids.</summary>
    public static async Task<List<Guid>> AddInstancesAsync(this RunningPortal portal, Guid account, int count, Action<ElementInstance, int>? change = null)
    {
        await using var db = portal.OpenDatabase();
        var secrets = portal.Services.GetRequiredService<ISecretBox>();
        var first = Random.Shared.NextInt64(1_000_000, int.MaxValue);
        var now = DateTimeOffset.UtcNow;
        var ids = new List<Guid>();
        for (var number = 0; number < count; number++)
        {
            var id = Guid.CreateVersion7();
            var row = new ElementInstance
            {
                Id = id,
                PlatformAccountId = account,
                PlatformId = first + number,
                ElementKey = ElementKey.Rest,
                Name = $"Number {number:000}",
                Tags = ["docs"],
                PortalTag = "portal:planted-tag",
                Token = secrets.Seal(SecretKind.InstanceToken, id, SecretOrigin.Of("https://staging.cloud-elements.com"), "planted-element-token"),
                State = InstanceState.Active,
                CreatedAt = now.AddSeconds(number),
                LastCheckedAt = now,
            };
            change?.Invoke(row, number);
            db.Instances.Add(row);
            ids.Add(id);
        }

        await db.SaveChangesAsync(Token);
        return ids;
    }

    public static string NewAttempt(Guid account, Guid app, string name = "By script") =>
        $$"""
        { "accountId": "{{account}}", "element": "infusionsoftcrm", "providerAppId": "{{app}}", "name": "{{name}}", "tags": ["docs"],
          "server": "dt123.infusionsoft.com", "encryptedKey": "planted-encrypted-key" }
        """;
}
