using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.ApiTokens;

public sealed class ApiDraftTests
{
    private const string PlantedKey = "planted-encrypted-key";

    [Fact]
    public async Task CreateAsync_WholeDraft_IsWhatTheWizardMakes()
    {
        await using var portal = await StartAsync();
        var (ada, token) = await CallerAsync(portal);

        var answer = (await CreateAsync(portal, await DraftAsync(portal), Call(token, "one"), ada)).Value;

        answer.Kind.ShouldBe(ApiAnswerKind.New);
        answer.Status.ShouldBe(201);
        var attempt = await portal.ReadAttemptAsync(answer.AttemptId);
        (attempt.State, attempt.Step, attempt.Name, attempt.CreatedBy).ShouldBe((AttemptState.Draft, WizardStep.Review, "By script", ada.PersonId));
        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe("dt123.infusionsoft.com");
        attempt.SealedConfiguration.Keys.ShouldBe([ElementCatalog.EncryptedKeyKey]);
        attempt.History.ShouldHaveSingleItem().Event.ShouldBe(AttemptEvent.Created);
        // It can be authorized as it is.
        (await portal.Consents.AuthorizeAsync(answer.AttemptId, Token)).ShouldAllBe(line => line.Level != CheckLevel.Failed);
        await using var db = portal.OpenDatabase();
        (await db.Activity.SingleAsync(line => line.Action == ActivityAction.DraftStarted, Token)).AttemptId.ShouldBe(answer.AttemptId);
        (await db.ApiReceipts.SingleAsync(Token)).Body.ShouldBe("By script");
    }

    [Fact]
    public async Task CreateAsync_SameKeyAtTheSameMoment_MakesOneDraft()
    {
        await using var portal = await StartAsync();
        await using var second = portal.Another(services => services.AddPeople(_ => { }));
        var (ada, token) = await CallerAsync(portal);
        var draft = await DraftAsync(portal);

        // Two processes, many calls.
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(async () =>
            (await CreateAsync(number % 2 == 0 ? portal : second, draft, Call(token, "raced"), ada)).Value, Token)));

        answers.Count(answer => answer.Kind == ApiAnswerKind.New).ShouldBe(1);
        answers.Count(answer => answer.Kind == ApiAnswerKind.Repeated).ShouldBe(15);
        answers.Select(answer => (answer.AttemptId, answer.Body)).Distinct().ShouldHaveSingleItem();
        await using var db = portal.OpenDatabase();
        (await db.Attempts.CountAsync(Token)).ShouldBe(1);
        (await db.Activity.CountAsync(line => line.Action == ActivityAction.DraftStarted, Token)).ShouldBe(1);
    }

    [Fact]
    public async Task CreateAsync_KeyUsedBefore_AnswersByBodyTokenAndTime()
    {
        await using var portal = await StartAsync();
        var (ada, token) = await CallerAsync(portal);
        var (bob, others) = await CallerAsync(portal, "bob@example.com");
        var draft = await DraftAsync(portal);
        var first = (await CreateAsync(portal, draft, Call(token, "key"), ada)).Value;

        (await CreateAsync(portal, draft, Call(token, "key"), ada)).Value.ShouldBe(first with { Kind = ApiAnswerKind.Repeated });
        (await CreateAsync(portal, draft, Call(token, "key", body: 2), ada)).Value.Kind.ShouldBe(ApiAnswerKind.OtherBody);
        (await CreateAsync(portal, draft, Call(others, "key"), bob)).Value.Kind.ShouldBe(ApiAnswerKind.New);
        portal.Clock.Advance(ApiDraftService.KeysKeptFor);
        (await CreateAsync(portal, draft, Call(token, "key", body: 2), ada)).Value.Kind.ShouldBe(ApiAnswerKind.New);

        await using var db = portal.OpenDatabase();
        (await db.Attempts.CountAsync(Token)).ShouldBe(3);
        (await db.ApiReceipts.CountAsync(Token)).ShouldBe(1);
    }

    [Fact]
    public async Task CreateAsync_WrongDraft_SaysAllAndKeepsTheKeyFree()
    {
        await using var portal = await StartAsync();
        var (ada, token) = await CallerAsync(portal);
        var account = await portal.AddAccountAsync();
        var wrong = new WholeDraft
        {
            Element = new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = account },
            Provider = new ProviderChoice { ProviderAppId = Guid.NewGuid() },
            Account = new AccountDetails { Values = new Dictionary<string, string> { [ElementCatalog.ServerKey] = "http://other.example" } },
            Options = new InstanceOptions { Name = " ", Tags = ["portal:mine"], Events = new EventSettings { Enabled = true, CallbackUrl = "https://example.com/hook", Resources = ["contacts"] } },
        };

        var refused = await CreateAsync(portal, wrong, Call(token, "key"), ada);

        refused.Problems.ShouldAllBe(problem => problem.Kind == ProblemKind.Invalid);
        refused.Problems.Select(problem => problem.Field).Order(StringComparer.Ordinal).ShouldBe(
            ["Events", "Name", "ProviderAppId", "Tags", ElementCatalog.EncryptedKeyKey, ElementCatalog.ServerKey]);
        await using var db = portal.OpenDatabase();
        (await db.Attempts.CountAsync(Token)).ShouldBe(0);
        (await CreateAsync(portal, await DraftAsync(portal), Call(token, "key", body: 2), ada)).Value.Kind.ShouldBe(ApiAnswerKind.New);
    }

    [Theory]
    [InlineData(ElementKey.Rest, ElementCatalog.ServerKey, "contacts", ElementCatalog.ServerKey)]
    [InlineData(ElementKey.Rest, null, "nothing", "Events.Resources")]
    [InlineData("salesforce", null, "contacts", "ElementKey")]
    public async Task CreateAsync_WhatTheElementDoesNotTake_IsSaid(string element, string? key, string resource, string field)
    {
        await using var portal = await StartAsync();
        var (ada, token) = await CallerAsync(portal);
        var draft = new WholeDraft
        {
            Element = new ElementChoice { ElementKey = element, PlatformAccountId = await portal.AddAccountAsync() },
            Provider = new ProviderChoice { ProviderAppId = await portal.AddAppAsync() },
            Account = new AccountDetails { Values = key is null ? [] : new Dictionary<string, string> { [key] = "dt123.infusionsoft.com" } },
            Options = new InstanceOptions { Name = "By script", Events = new EventSettings { Enabled = true, CallbackUrl = "https://example.com/hook", Resources = [resource] } },
        };

        (await CreateAsync(portal, draft, Call(token, "key"), ada)).Problems.ShouldHaveSingleItem().Field.ShouldBe(field);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("8f14e45f-ceea-467f-a0e6-1b2c3d4e5f60", true)]
    [InlineData("A.b:c_d-9", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    public void IsKey_Text_IsBounded(string? text, bool isKey) => ApiCall.IsKey(text).ShouldBe(isKey);

    [Fact]
    public void IsKey_Length_IsBounded()
    {
        ApiCall.IsKey(new string('a', ApiReceipt.MaxKeyLength)).ShouldBeTrue();
        ApiCall.IsKey(new string('a', ApiReceipt.MaxKeyLength + 1)).ShouldBeFalse();
    }

    private static Task<Result<ApiAnswer>> CreateAsync(TestPortal portal, WholeDraft draft, ApiCall call, Actor actor) =>
        portal.Get<ApiDraftService>().CreateAsync(draft, call, view => view.Name, actor, Token);

    private static ApiCall Call(Guid token, string key, byte body = 1) => new(token, key, [.. Enumerable.Repeat(body, 32)]);

    private static async Task<(Actor Actor, Guid Token)> CallerAsync(TestPortal portal, string name = "ada@example.com")
    {
        var actor = await portal.AddPersonAsync(name, Role.Operator);
        var made = await portal.Get<ApiTokenService>().MakeAsync(new ApiTokenInput { Name = "Nightly", Scopes = [ApiScope.Connect] }, actor, Token);
        return (actor, made.Value.Line.Id);
    }

    private static async Task<WholeDraft> DraftAsync(TestPortal portal) => new()
    {
        Element = new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = await portal.AddAccountAsync($"Account {Guid.NewGuid():N}") },
        Provider = new ProviderChoice { ProviderAppId = await portal.AddAppAsync($"App {Guid.NewGuid():N}") },
        Account = new AccountDetails { Values = new Dictionary<string, string> { [ElementCatalog.ServerKey] = "https://DT123.infusionsoft.com/", [ElementCatalog.EncryptedKeyKey] = PlantedKey } },
        Options = new InstanceOptions { Name = "By script", Tags = ["docs"] },
    };

    private static Task<TestPortal> StartAsync() => TestPortal.StartAsync(services => services.AddPeople(_ => { }));
}
