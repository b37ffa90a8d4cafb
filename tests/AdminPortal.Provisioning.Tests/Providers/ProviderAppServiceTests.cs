using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Providers;

public sealed class ProviderAppServiceTests
{
    [Fact]
    public async Task SaveAsync_New_CleansWhatWasPastedAndSealsTheSecret()
    {
        await using var portal = await TestPortal.StartAsync();

        var id = (await portal.Apps.SaveAsync(new ProviderAppInput { Name = " Keap app ", ClientId = " client\u200b-id\r\n", ClientSecret = "client- secret\t", AllowedFor = [StagingSecrets.BaseUrl] }, Token)).Value;

        var app = await ReadAsync(portal, id);
        app.Name.ShouldBe("Keap app");
        app.ClientId.ShouldBe("client-id");
        portal.Secrets.OpenClientSecret(app).ShouldBe("client-secret");
    }

    [Fact]
    public async Task SaveAsync_EmptySecret_KeepsTheStoredOne()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAppAsync();

        (await portal.Apps.SaveAsync(new ProviderAppInput { Id = id, Name = "Renamed", ClientId = "other-id" }, Token)).Value.ShouldBe(id);

        var app = await ReadAsync(portal, id);
        app.Name.ShouldBe("Renamed");
        app.ClientId.ShouldBe("other-id");
        portal.Secrets.OpenClientSecret(app).ShouldBe("client-secret");
    }

    [Fact]
    public async Task SaveAsync_New_IsAllowedForWhatWasChosenOnly()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddAccountAsync();
        _ = await portal.AddAccountAsync("Production", "https://api.cloud-elements.com");

        var chosen = (await portal.Apps.SaveAsync(
            new ProviderAppInput { Name = "Chosen", ClientId = "id", ClientSecret = "s", AllowedFor = [StagingSecrets.BaseUrl, $"{StagingSecrets.BaseUrl}:443/"] }, Token)).Value;
        var none = (await portal.Apps.SaveAsync(new ProviderAppInput { Name = "None", ClientId = "id", ClientSecret = "s", AllowedFor = [] }, Token)).Value;
        var existing = (await portal.Apps.SaveAsync(new ProviderAppInput { Name = "Existing", ClientId = "id", ClientSecret = "s" }, Token)).Value;

        var apps = (await portal.Apps.ListAsync(Token)).ToDictionary(app => app.Id, app => app.Origins);
        apps[chosen].ShouldBe([StagingSecrets.Origin.Text]);
        apps[none].ShouldBeEmpty();
        apps[existing].ShouldBe(["https://api.cloud-elements.com:443", StagingSecrets.Origin.Text]);
        (await portal.Apps.SaveAsync(new ProviderAppInput { Name = "Bad", ClientId = "id", ClientSecret = "s", AllowedFor = ["ftp://x"] }, Token))
            .Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(ProviderAppInput.AllowedFor));
    }

    [Fact]
    public async Task SaveAsync_ReplacedSecret_ReplacesEveryCopy()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAppAsync(allowedFor: "https://api.cloud-elements.com");

        (await portal.Apps.SaveAsync(new ProviderAppInput { Id = id, Name = "Keap app", ClientId = "client-id", ClientSecret = "replaced", AllowedFor = ["https://evil.example"] }, Token)).Succeeded.ShouldBeTrue();

        var app = await ReadAsync(portal, id);
        portal.Secrets.Open(app.ClientSecretOf, SecretOrigin.Nowhere).ShouldBe("replaced");
        app.Origins.Count.ShouldBe(2, "Allowing a further origin is an operation of its own.");
        foreach (var allowed in app.Origins.Select(allowed => SecretOrigin.Of(allowed.Origin)))
            portal.Secrets.Open(app.CredentialsFor(allowed).ShouldNotBeNull().ClientSecret, allowed).ShouldBe("replaced");
    }

    [Fact]
    public async Task AllowAsync_SecretReplacedAtTheSameMoment_OneOfTheTwoIsStale()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, account) = (await portal.AddAppAsync(), await portal.AddAccountAsync("Production", "https://api.cloud-elements.com"));
        await using var db = portal.OpenDatabase();
        var read = await db.ProviderApps.SingleAsync(Token);

        (await portal.Apps.AllowAsync(id, account, Actor.Portal, Token)).Succeeded.ShouldBeTrue();
        read.ClientSecret = portal.Secrets.Seal(SecretKind.ClientSecret, id, SecretOrigin.Nowhere, "replaced");

        _ = await Should.ThrowAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync(Token));
    }

    [Theory]
    [InlineData("", "id", "secret", "Name")]
    [InlineData("n", " \r\n", "secret", "ClientId")]
    [InlineData("n", "idé", "secret", "ClientId")]
    [InlineData("n", "id", "", "ClientSecret")]
    [InlineData("n", "id", "sécret", "ClientSecret")]
    public async Task SaveAsync_Invalid_NamesTheFieldAndSavesNothing(string name, string clientId, string clientSecret, string field)
    {
        await using var portal = await TestPortal.StartAsync();

        var result = await portal.Apps.SaveAsync(new ProviderAppInput { Name = name, ClientId = clientId, ClientSecret = clientSecret }, Token);

        result.Problems.ShouldHaveSingleItem().Field.ShouldBe(field);
        (await portal.Apps.ListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task SaveAsync_NameTakenOrGone_IsRefused()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddAppAsync();

        (await portal.Apps.SaveAsync(new ProviderAppInput { Name = "Keap app", ClientId = "i", ClientSecret = "s" }, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Name");
        (await portal.Apps.SaveAsync(new ProviderAppInput { Id = Guid.NewGuid(), Name = "x", ClientId = "i" }, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    [Fact]
    public async Task DeleteAsync_StillNeeded_IsRefused()
    {
        await using var portal = await TestPortal.StartAsync();
        var attempt = await portal.AddReceivedAsync();
        var app = (await portal.ReadAttemptAsync(attempt)).ProviderAppId!.Value;

        (await portal.Apps.DeleteAsync(app, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);

        await portal.Provisioner.ExchangeAsync(attempt);
        (await portal.Apps.ListAsync(Token)).ShouldHaveSingleItem().Instances.ShouldBe(1);
        (await portal.Apps.DeleteAsync(app, Token)).Succeeded.ShouldBeTrue();
        (await portal.Apps.ListAsync(Token)).ShouldBeEmpty();
    }

    private static async Task<ProviderApp> ReadAsync(TestPortal portal, Guid id)
    {
        await using var db = portal.OpenDatabase();
        return await db.ProviderApps.AsNoTracking().SingleAsync(app => app.Id == id, Token);
    }
}
