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

        var id = (await portal.Apps.SaveAsync(new ProviderAppInput { Name = " Keap app ", ClientId = " client\u200b-id\r\n", ClientSecret = "client- secret\t" }, Token)).Value;

        var app = await ReadAsync(portal, id);
        app.Name.ShouldBe("Keap app");
        app.ClientId.ShouldBe("client-id");
        portal.Secrets.Open(app.ClientSecretOf).ShouldBe("client-secret");
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
        portal.Secrets.Open(app.ClientSecretOf).ShouldBe("client-secret");
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
