using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Reveals;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using IDataProtectionProvider = Microsoft.AspNetCore.DataProtection.IDataProtectionProvider;

namespace AdminPortal.Provisioning.Tests.Accounts;

public sealed class AccountMoveServiceTests : IAsyncLifetime
{
    private const string NewHost = "https://api.cloud-elements.com";

    private static readonly SecretOrigin NewOrigin = SecretOrigin.Of(NewHost);

    private TestPortal _portal = null!;
    private Actor _ada = null!;
    private Guid _account;
    private Guid _app;

    private AccountMoveService Moves => _portal.Get<AccountMoveService>();

    public async ValueTask InitializeAsync()
    {
        _portal = await SignedInPeople.StartAsync();
        _ada = await _portal.SignInAsync("ada@example.com", Role.Administrator);
        (_account, _app) = (await _portal.AddAccountAsync(), await _portal.AddAppAsync());
        await _portal.SeedInstancesAsync(_account, 30, 1000, _ => { });
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Find_ListsWhatMoves()
    {
        _ = await _portal.AddDraftAsync();
        _ = await _portal.SendAwayAsync(await _portal.AddDraftAsync(name: "Away"));
        _ = await _portal.AddReceivedAsync();
        _ = await _portal.AddAppAsync("Unused app");
        await AddListingAsync();

        var move = (await Moves.FindAsync(_account, Token)).ShouldNotBeNull();

        (move.Instances, move.InstanceNames.Count, move.Awaiting, move.Unfinished).ShouldBe((30, AccountMove.Named, 1, 1));
        // All three hold an encrypted key, whatever their state.
        (move.Attempts, move.Listings, move.KeepsPresentHost).ShouldBe((3, 1, false));
        move.Apps.ShouldBe(["Keap app"]);
        (await Moves.FindAsync(Guid.NewGuid(), Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Move_InstancesDraftsListings_OpenForTheNewHostAndNoLongerForTheOld()
    {
        var draft = await _portal.AddDraftAsync();
        var away = await _portal.AddDraftAsync(name: "Away");
        _ = await _portal.SendAwayAsync(away);
        await AddListingAsync();

        (await Moves.MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();

        await using var db = _portal.OpenDatabase();
        foreach (var instance in await db.Instances.ToListAsync(Token))
        {
            _portal.Secrets.Open(instance.TokenOf, NewOrigin).ShouldBe(InstanceSeed.ElementToken);
            _ = Should.Throw<SecretUnreadableException>(() => _portal.Secrets.Open(instance.TokenOf, StagingSecrets.Origin));
        }

        var account = await db.Accounts.SingleAsync(Token);
        account.BaseUrl.ShouldBe(NewHost);
        _portal.Secrets.Open(account.UserSecretOf, NewOrigin).ShouldBe("new-user");
        _portal.Secrets.Open(account.OrganizationSecretOf, NewOrigin).ShouldBe("new-org");
        _portal.Secrets.Open((await _portal.ReadAttemptAsync(draft)).SealedConfigurationOf(ElementCatalog.EncryptedKeyKey), NewOrigin).ShouldBe(TestPortal.EncryptedKey);
        var reopened = await _portal.ReadAttemptAsync(away);
        (reopened.State, reopened.StateHash, reopened.OAuthUrl).ShouldBe((AttemptState.Draft, null, null));
        var row = await db.SyncRows.SingleAsync(Token);
        _portal.Secrets.Open(new Secret(SecretKind.InstanceToken, row.InstanceId, row.Token!), NewOrigin).ShouldBe("listed-token");
        var app = await db.ProviderApps.SingleAsync(Token);
        _portal.Secrets.Open(app.CredentialsFor(NewOrigin).ShouldNotBeNull().ClientSecret, NewOrigin).ShouldBe("client-secret");
        await foreach (var stored in StoredSecrets.ReadAllAsync(db, Token)) _ = _portal.Secrets.Open(stored.Secret, stored.Destination.ShouldNotBeNull());

        var line = (await _portal.ReadActivityAsync()).Single(line => line.Action == ActivityAction.AccountMoved);
        (line.PersonId, line.PlatformAccountId, line.Subject).ShouldBe((_ada.PersonId, _account, "Staging"));
        line.Detail.ShouldNotBeNull().ShouldStartWith("Moved: 30 instances with their tokens, 2 attempts, of which 1 start again as drafts. Provider apps that may be used with the new host now: Keap app.");
        FieldChanges.Read(line.Changes).Single(change => change.Field == "BaseUrl").After.ShouldBe(NewHost);
    }

    [Fact]
    public async Task Move_CallbackOfAnAttemptFromBefore_LeadsNowhere()
    {
        var away = await _portal.AddDraftAsync(name: "Away");
        var state = await _portal.SendAwayAsync(away);

        (await Moves.MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();

        (await _portal.Consents.ReceiveAsync(_portal.Return(state), Token)).ShouldBeOfType<CallbackOutcome.UnknownState>();
        (await _portal.ReadAttemptAsync(away)).Code.ShouldBeNull();
    }

    [Fact]
    public async Task Move_SomebodyHasReadARowBefore_CannotSaveItOverTheNewToken()
    {
        await using var db = _portal.OpenDatabase();
        var read = await db.Instances.FirstAsync(Token);
        (await Moves.MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();

        read.Token = _portal.Secrets.Seal(SecretKind.InstanceToken, read.Id, StagingSecrets.Origin, "of the old host");

        _ = await Should.ThrowAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync(Token));
    }

    [Fact]
    public async Task Move_ValueThatDoesNotOpen_StaysAndIsCounted()
    {
        RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "UPDATE Instances SET Token = 'damaged' WHERE PlatformId = 1000");

        (await Moves.MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();

        await using var db = _portal.OpenDatabase();
        (await db.Instances.SingleAsync(row => row.PlatformId == 1000, Token)).Token.Ciphertext.ShouldBe("damaged");
        (await _portal.ReadActivityAsync()).Single(line => line.Action == ActivityAction.AccountMoved).Detail.ShouldNotBeNull().ShouldContain("Moved: 29 instances");
    }

    [Theory]
    [InlineData("", "new-user", nameof(AccountInput.OrganizationSecret))]
    [InlineData("new-org", "", nameof(AccountInput.UserSecret))]
    public async Task Move_WithoutASecret_IsRefused(string organizationSecret, string userSecret, string field)
    {
        var input = Input();
        (input.OrganizationSecret, input.UserSecret) = (organizationSecret, userSecret);

        (await Moves.MoveAsync(input, _ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(field);
        await HasNotMovedAsync();
    }

    [Fact]
    public async Task Move_ConfirmedAnHourAgoOrSameHost_IsRefused()
    {
        var same = Input();
        same.BaseUrl = StagingSecrets.BaseUrl;
        (await Moves.MoveAsync(same, _ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(AccountInput.BaseUrl));

        _portal.Clock.Advance(TimeSpan.FromHours(1));
        (await Moves.MoveAsync(Input(), _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        await HasNotMovedAsync();
    }

    [Fact]
    public async Task Move_AttemptHoldsACode_IsRefusedUntilItHasEnded()
    {
        var id = await _portal.AddReceivedAsync();

        (await Moves.MoveAsync(Input(), _ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain(StagingSecrets.BaseUrl);
        await HasNotMovedAsync();

        await _portal.Provisioner.ExchangeAsync(id);
        (await Moves.MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Move_SyncRuns_IsRefused()
    {
        await using var db = _portal.OpenDatabase();
        db.SyncRuns.Add(new SyncRun { Id = Guid.CreateVersion7(), PlatformAccountId = _account, AllElements = false, StartedAt = _portal.Clock.GetUtcNow(), State = SyncState.Running });
        _ = await db.SaveChangesAsync(Token);

        (await Moves.MoveAsync(Input(), _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        await HasNotMovedAsync();
    }

    [Fact]
    public async Task Move_SecondPersonIsConfigured_NeedsTheApprovalOfAMove()
    {
        await using var careful = _portal.Another(services => services.AddPeople(SignedInPeople.Configure), new Dictionary<string, string?> { ["Portal:Reveal:NeedsSecondPerson"] = "true" });
        var (moves, requests) = (careful.Get<AccountMoveService>(), careful.Get<RevealService>());
        var bob = await _portal.SignInAsync("bob@example.com", Role.Administrator);
        (await moves.MoveAsync(Input(), _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        await HasNotMovedAsync();

        (await moves.AskApprovalAsync(Input(), "The platform moves on Sunday", _ada, Token)).Succeeded.ShouldBeTrue();
        var request = (await requests.ListAsync(bob, Token)).Value.ShouldHaveSingleItem();
        (request.Kind, request.InstanceName).ShouldBe((ApprovalKind.PlatformMove, "Staging"));
        request.Target.ShouldBe([NewOrigin.Text, "accounts.infusionsoft.com", "signin.infusionsoft.com"]);
        (request.Instances, request.Apps.Count).ShouldBe((30, 0));
        (await requests.DecideAsync(request.Id, true, bob, Token)).Succeeded.ShouldBeTrue();

        (await moves.MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Move_AppUsedAfterTheApproval_NeedsANewOneThatNamesTheApp()
    {
        await using var careful = _portal.Another(services => services.AddPeople(SignedInPeople.Configure), new Dictionary<string, string?> { ["Portal:Reveal:NeedsSecondPerson"] = "true" });
        var (moves, requests) = (careful.Get<AccountMoveService>(), careful.Get<RevealService>());
        var bob = await _portal.SignInAsync("bob@example.com", Role.Administrator);
        (await moves.AskApprovalAsync(Input(), "The platform moves on Sunday", _ada, Token)).Succeeded.ShouldBeTrue();
        (await requests.DecideAsync((await requests.ListAsync(bob, Token)).Value.ShouldHaveSingleItem().Id, true, bob, Token)).Succeeded.ShouldBeTrue();
        _ = await _portal.AddDraftAsync();

        (await moves.MoveAsync(Input(), _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);

        await HasNotMovedAsync();
        (await moves.AskApprovalAsync(Input(), "The platform moves on Sunday", _ada, Token)).Succeeded.ShouldBeTrue();
        var request = (await requests.ListAsync(bob, Token)).Value.Single(one => one.State == RevealRequestState.Waiting);
        request.Apps.ShouldBe(["Keap app (client-id)"]);
        request.Target.ShouldBe([NewOrigin.Text, "accounts.infusionsoft.com", "signin.infusionsoft.com"]);
        (await requests.DecideAsync(request.Id, true, bob, Token)).Succeeded.ShouldBeTrue();
        (await moves.MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();
        var lines = await _portal.ReadActivityAsync();
        lines.Last(line => line.Action == ActivityAction.ApprovalAsked).Detail.ShouldNotBeNull().ShouldContain("Keap app");
        lines.Last(line => line.Action == ActivityAction.ApprovalGiven).Detail.ShouldNotBeNull().ShouldContain("Keap app");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Move_PresentHost_StaysAllowedOnlyWhereAnotherAccountIsThere(bool hasOther)
    {
        _ = await _portal.AddDraftAsync();
        if (hasOther) _ = await _portal.AddAccountAsync("Other", $"{StagingSecrets.BaseUrl}/elements/api-v2");
        (await Moves.FindAsync(_account, Token)).ShouldNotBeNull().KeepsPresentHost.ShouldBe(hasOther);

        (await Moves.MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();

        await using var db = _portal.OpenDatabase();
        var app = await db.ProviderApps.SingleAsync(Token);
        app.CredentialsFor(NewOrigin).ShouldNotBeNull();
        (app.CredentialsFor(StagingSecrets.Origin) is not null).ShouldBe(hasOther);
        (await _portal.ReadActivityAsync()).Count(line => line.Action == ActivityAction.ProviderAppOriginRemoved && line.Detail == StagingSecrets.Origin.Text).ShouldBe(hasOther ? 0 : 1);
    }

    [Fact]
    public async Task Move_SealedValueDoesNotOpen_KeepsTheOldOneAndCountsIt()
    {
        await using var faulty = _portal.Another(services =>
        {
            services.AddPeople(SignedInPeople.Configure);
            services.Replace(ServiceDescriptor.Singleton<ISecretBox, FaultySecretBox>());
        });

        (await faulty.Get<AccountMoveService>().MoveAsync(Input(), _ada, Token)).Succeeded.ShouldBeTrue();

        await using var db = _portal.OpenDatabase();
        foreach (var instance in await db.Instances.ToListAsync(Token)) _portal.Secrets.Open(instance.TokenOf, StagingSecrets.Origin).ShouldBe(InstanceSeed.ElementToken);
        (await _portal.ReadActivityAsync()).Single(line => line.Action == ActivityAction.AccountMoved).Detail.ShouldNotBeNull().ShouldContain("Values that did not open: 30.");
    }

    private AccountInput Input() => new() { Id = _account, BaseUrl = $"{NewHost}/elements/api-v2", OrganizationSecret = "new-org", UserSecret = "new-user" };

    private async Task HasNotMovedAsync()
    {
        await using var db = _portal.OpenDatabase();
        (await db.Accounts.SingleAsync(Token)).BaseUrl.ShouldBe(StagingSecrets.BaseUrl);
        foreach (var instance in await db.Instances.Take(3).ToListAsync(Token)) _portal.Secrets.Open(instance.TokenOf).ShouldBe(InstanceSeed.ElementToken);
    }

    private async Task AddListingAsync()
    {
        await using var db = _portal.OpenDatabase();
        var (run, id) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        db.SyncRuns.Add(new SyncRun { Id = run, PlatformAccountId = _account, AllElements = false, StartedAt = _portal.Clock.GetUtcNow(), State = SyncState.Complete });
        db.SyncRows.Add(new SyncRow
        {
            RunId = run, PlatformId = 7, InstanceId = id, ElementKey = ElementKey.Rest, Name = "Listed", Token = _portal.Secrets.Seal(SecretKind.InstanceToken, id, "listed-token"),
            State = InstanceState.Active, HasLegacyKey = false,
        });
        _ = await db.SaveChangesAsync(Token);
    }

    // Tokens that it seals do not open.
    private sealed class FaultySecretBox(IDataProtectionProvider protection) : ISecretBox
    {
        private readonly SecretBox _inner = new(protection);

        public Sealed Seal(SecretKind kind, Guid row, SecretOrigin destination, string value) =>
            kind == SecretKind.InstanceToken ? new Sealed("damaged") : _inner.Seal(kind, row, destination, value);

        public string Open(Secret secret, SecretOrigin destination) => _inner.Open(secret, destination);
    }
}
