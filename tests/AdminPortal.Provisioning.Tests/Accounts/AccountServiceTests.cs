using AdminPortal.Domain;
using AdminPortal.Domain.Accounts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Accounts;

public sealed class AccountServiceTests
{
    [Fact]
    public async Task SaveAsync_New_StoresItWithSealedSecrets()
    {
        await using var portal = await TestPortal.StartAsync();

        var id = (await portal.Accounts.SaveAsync(
            Input() with { Name = " Staging ", BaseUrl = "https://Staging.cloud-elements.com/elements/api-v2/", OrganizationSecret = " org\r\n", UserSecret = "us er" }, Token)).Value;

        var account = await ReadAsync(portal, id);
        account.Name.ShouldBe("Staging");
        account.BaseUrl.ShouldBe("https://staging.cloud-elements.com");
        account.SignInHosts.ShouldBe(["accounts.infusionsoft.com", "signin.infusionsoft.com"]);
        portal.Secrets.Open(account.OrganizationSecretOf).ShouldBe("org");
        portal.Secrets.Open(account.UserSecretOf).ShouldBe("user");
        (await portal.Accounts.ListAsync(Token)).ShouldHaveSingleItem().Name.ShouldBe("Staging");
    }

    [Fact]
    public async Task SaveAsync_EmptySecrets_KeepTheStoredOnes()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAccountAsync();

        (await portal.Accounts.SaveAsync(Input() with { Id = id, Name = "Renamed", OrganizationSecret = "", UserSecret = " \n" }, Token)).Value.ShouldBe(id);
        var kept = await ReadAsync(portal, id);
        kept.Name.ShouldBe("Renamed");
        portal.Secrets.Open(kept.OrganizationSecretOf).ShouldBe("org-secret");
        portal.Secrets.Open(kept.UserSecretOf).ShouldBe("user-secret");

        _ = await portal.Accounts.SaveAsync(Input() with { Id = id, OrganizationSecret = "", UserSecret = "new" }, Token);
        var replaced = await ReadAsync(portal, id);
        portal.Secrets.Open(replaced.OrganizationSecretOf).ShouldBe("org-secret");
        portal.Secrets.Open(replaced.UserSecretOf).ShouldBe("new");
    }

    [Theory]
    [InlineData("Name", "")]
    [InlineData("Name", "a\u0007b")]
    [InlineData("BaseUrl", "")]
    [InlineData("BaseUrl", "staging.cloud-elements.com")]
    [InlineData("BaseUrl", "http://staging.cloud-elements.com")]
    [InlineData("BaseUrl", "http://127.0.0.1:5000")]
    [InlineData("BaseUrl", "https://staging.cloud-elements.com/other")]
    [InlineData("BaseUrl", "https://user:password@staging.cloud-elements.com")]
    [InlineData("BaseUrl", "https://staging.cloud-elements.com#x")]
    [InlineData("BaseUrl", "https://staging.cloud-elements.com?x=1")]
    [InlineData("OrganizationSecret", "")]
    [InlineData("OrganizationSecret", "gehëim")]
    [InlineData("UserSecret", " ")]
    [InlineData("SignInHosts", "")]
    [InlineData("SignInHosts", "https://accounts.infusionsoft.com")]
    [InlineData("SignInHosts", "a,b,c,d,e,f,g,h,i,j,k")]
    public async Task SaveAsync_Invalid_NamesTheFieldAndSavesNothing(string field, string value)
    {
        await using var portal = await TestPortal.StartAsync();
        var input = Input();
        typeof(AccountInputCopy).GetProperty(field)!.SetValue(input, value);

        var result = await portal.Accounts.SaveAsync(input, Token);

        result.Problems.ShouldHaveSingleItem().Field.ShouldBe(field);
        (await portal.Accounts.ListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task SaveAsync_NameTaken_IsRefusedButNotForItself()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAccountAsync();

        var taken = await portal.Accounts.SaveAsync(Input() with { Name = " Staging" }, Token);
        taken.Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(AccountInput.Name));
        taken.Problems[0].Message.ShouldContain("Staging");

        (await portal.Accounts.SaveAsync(Input() with { Id = id, Name = "Staging" }, Token)).Succeeded.ShouldBeTrue();
        (await portal.Accounts.SaveAsync(Input() with { Id = Guid.NewGuid(), Name = "Other" }, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    [Fact]
    public async Task ListOffersAsync_Accepted_IsOfferedNoMore()
    {
        await using var portal = await TestPortal.StartAsync(environment: "Development", settings: new Dictionary<string, string?>
        {
            ["Portal:OfferedAccounts:0:Name"] = "Sandbox",
            ["Portal:OfferedAccounts:0:BaseUrl"] = "http://127.0.0.1:5100/",
            ["Portal:OfferedAccounts:0:OrganizationSecret"] = "sandbox-org",
            ["Portal:OfferedAccounts:0:UserSecret"] = "sandbox-user",
            ["Portal:OfferedAccounts:0:SignInHosts:0"] = "127.0.0.1",
        });

        var offer = (await portal.Accounts.ListOffersAsync(Token)).ShouldHaveSingleItem();
        var id = (await portal.Accounts.AcceptOfferAsync(offer, Token)).Value;

        (await portal.Accounts.ListOffersAsync(Token)).ShouldBeEmpty();
        var account = await ReadAsync(portal, id);
        account.BaseUrl.ShouldBe("http://127.0.0.1:5100");
        account.SignInHosts.ShouldBe(["127.0.0.1"]);
        portal.Secrets.Open(account.UserSecretOf, account.Origin).ShouldBe("sandbox-user");
    }

    [Fact]
    public async Task DeleteAsync_InUse_IsRefused()
    {
        await using var portal = await TestPortal.StartAsync();
        var attempt = await portal.AddReceivedAsync();
        var account = (await portal.ReadAttemptAsync(attempt)).PlatformAccountId;

        (await portal.Accounts.DeleteAsync(account, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        await portal.Provisioner.ExchangeAsync(attempt);
        (await portal.Accounts.DeleteAsync(account, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("1");
        (await portal.Accounts.ListAsync(Token)).Count.ShouldBe(1);

        await using var db = portal.OpenDatabase();
        _ = await db.Instances.ExecuteDeleteAsync(Token);
        (await portal.Accounts.DeleteAsync(account, Token)).Succeeded.ShouldBeTrue();
        (await portal.Accounts.ListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task DeleteAsync_UnansweredAttempt_IsRefused()
    {
        await using var portal = await TestPortal.StartAsync();
        var attempt = await portal.AddAmbiguousAsync();

        var result = await portal.Accounts.DeleteAsync((await portal.ReadAttemptAsync(attempt)).PlatformAccountId, Token);

        result.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
    }

    [Fact]
    public async Task TestAsync_Outcomes_AreSaidInWords()
    {
        await using var portal = await TestPortal.StartAsync();

        (await portal.Accounts.TestAsync(Input(), Token)).Value.ShouldContain("staging.cloud-elements.com");

        portal.Platform.OnConfiguration = () => FakePlatform.Refuse<IReadOnlyList<PlatformConfigurationEntry>>(401, "Invalid Organization or User secret");
        var refused = (await portal.Accounts.TestAsync(Input(), Token)).Problems.ShouldHaveSingleItem();
        refused.Kind.ShouldBe(ProblemKind.Refused);
        refused.Message.ShouldContain("“Invalid Organization or User secret”");

        foreach (var reason in Enum.GetValues<UnsentReason>())
        {
            portal.Platform.OnConfiguration = () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Unreachable(reason);
            var problem = (await portal.Accounts.TestAsync(Input(), Token)).Problems.ShouldHaveSingleItem();
            problem.Kind.ShouldBe(ProblemKind.Unreachable);
            problem.Message.ShouldNotContain("Unsent.");
        }

        foreach (var reason in Enum.GetValues<UnclearReason>())
        {
            portal.Platform.OnConfiguration = () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Unknown(reason, 502, "oops", "request-7");
            var problem = (await portal.Accounts.TestAsync(Input(), Token)).Problems.ShouldHaveSingleItem();
            problem.Kind.ShouldBe(ProblemKind.Unknown);
            problem.Message.ShouldNotContain("Unclear.");
            problem.Message.ShouldContain("request-7");
        }

        (await portal.Accounts.ListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task TestAsync_StoredAccount_UsesKeptSecretsAndSavesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAccountAsync();

        _ = await portal.Accounts.TestAsync(Input() with { Id = id, OrganizationSecret = "", UserSecret = "typed" }, Token);

        var asked = portal.Platform.AskedWith.ShouldHaveSingleItem();
        asked.BaseUrl.ShouldBe("https://staging.cloud-elements.com");
        portal.Secrets.Open(asked.OrganizationSecretOf).ShouldBe("org-secret");
        portal.Secrets.Open(asked.UserSecretOf).ShouldBe("typed");
        var stored = await ReadAsync(portal, id);
        stored.BaseUrl.ShouldBe("https://staging.cloud-elements.com");
        portal.Secrets.Open(stored.UserSecretOf).ShouldBe("user-secret");
    }

    [Fact]
    public async Task SaveAndTest_AnotherHostWithKeptSecrets_AskForThemAnewAndSendNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAccountAsync();
        var moved = Input() with { Id = id, OrganizationSecret = "", UserSecret = "", BaseUrl = "https://api.cloud-elements.com" };

        foreach (var problems in new[] { (await portal.Accounts.TestAsync(moved, Token)).Problems, (await portal.Accounts.SaveAsync(moved, Token)).Problems })
            problems.Select(problem => problem.Field).ShouldBe([nameof(AccountInput.OrganizationSecret), nameof(AccountInput.UserSecret)]);

        portal.Platform.AskedWith.ShouldBeEmpty();
        (await ReadAsync(portal, id)).BaseUrl.ShouldBe("https://staging.cloud-elements.com");

        (await portal.Accounts.SaveAsync(moved with { OrganizationSecret = "new-org", UserSecret = "new-user" }, Token)).Succeeded.ShouldBeTrue();
        (await ReadAsync(portal, id)).BaseUrl.ShouldBe("https://api.cloud-elements.com");
    }

    [Fact]
    public async Task SaveAsync_TheSameNameManyTimesAtOnce_OneIsSavedAndTheOthersAreTold()
    {
        await using var portal = await TestPortal.StartAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => portal.Accounts.SaveAsync(Input(), Token))));

        results.Count(result => result.Succeeded).ShouldBe(1);
        results.Where(result => !result.Succeeded).ShouldAllBe(result => result.Problems.Single().Field == nameof(AccountInput.Name));
        (await portal.Accounts.ListAsync(Token)).Count.ShouldBe(1);
    }

    private static AccountInputCopy Input() =>
        new() { Name = "Staging", BaseUrl = "https://staging.cloud-elements.com", OrganizationSecret = "org", UserSecret = "user" };

    private static async Task<PlatformAccount> ReadAsync(TestPortal portal, Guid id)
    {
        await using var db = portal.OpenDatabase();
        return await db.Accounts.AsNoTracking().SingleAsync(account => account.Id == id, Token);
    }

    /// <summary>The input as a record, so that a test can name what it changes.</summary>
    private sealed record AccountInputCopy
    {
        public Guid? Id { get; init; }

        public string Name { get; set; } = "";

        public string BaseUrl { get; set; } = "";

        public string OrganizationSecret { get; set; } = "";

        public string UserSecret { get; set; } = "";

        public string SignInHosts { get; set; } = new AccountInput().SignInHosts;

        public static implicit operator AccountInput(AccountInputCopy copy) => new()
        {
            Id = copy.Id,
            Name = copy.Name,
            BaseUrl = copy.BaseUrl,
            OrganizationSecret = copy.OrganizationSecret,
            UserSecret = copy.UserSecret,
            SignInHosts = copy.SignInHosts,
        };
    }
}
