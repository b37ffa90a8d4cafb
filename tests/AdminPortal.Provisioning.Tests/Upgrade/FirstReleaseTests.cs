using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Upgrade;

public sealed class FirstReleaseTests : IAsyncLifetime
{
    private readonly FirstRelease _release = new();
    private TestPortal _portal = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = _release.Open();
        await FirstRelease.UpgradeAsync(_portal);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        _release.Dispose();
    }

    [Fact]
    public async Task Upgrade_EverySecret_OpensWithItsValue()
    {
        var expected = _release.Manifest.GetProperty("Secrets").EnumerateArray()
            .Select(secret => (Kind: secret.GetProperty("Kind").GetString()!, Row: secret.GetProperty("Row").GetGuid(), Value: secret.GetProperty("Value").GetString()!))
            .Where(secret => secret.Kind != nameof(SecretKind.ActivityKey)).ToList();
        await using var db = _portal.OpenDatabase();
        List<(string Kind, Guid Row, string Value)> opened = [];
        await foreach (var stored in StoredSecrets.ReadAllAsync(db, Token))
        {
            var value = _portal.Secrets.Open(stored.Secret, stored.Destination.ShouldNotBeNull());
            if (stored.Secret.Kind != SecretKind.ActivityKey) opened.Add((stored.Secret.Kind.ToString(), stored.Secret.Owner, value));
        }

        expected.Count.ShouldBeGreaterThan(50);
        foreach (var secret in expected) opened.ShouldContain(secret);
    }

    [Fact]
    public async Task Upgrade_ActivityRecord_IsComplete()
    {
        await using var db = _portal.OpenDatabase();

        var check = (await ActivityCheck.RunAsync(db, _portal.Get<ActivityKey>().Open, Token)).ShouldNotBeNull();

        check.Break.ShouldBeNull();
        check.Lines.ShouldBeGreaterThanOrEqualTo(_release.Manifest.GetProperty("ActivityLines").GetInt64());
    }

    [Fact]
    public async Task Upgrade_Users_KeepPasswordsRolesAndFactors()
    {
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        foreach (var known in _release.Manifest.GetProperty("Users").EnumerateArray())
        {
            var user = (await users.FindByEmailAsync(known.GetProperty("Email").GetString()!)).ShouldNotBeNull();
            user.Id.ShouldBe(known.GetProperty("Id").GetGuid());
            user.Role.ToString().ShouldBe(known.GetProperty("Role").GetString());
            (await users.CheckPasswordAsync(user, known.GetProperty("Password").GetString()!)).ShouldBeTrue(user.Email);
        }

        var bob = _release.Manifest.GetProperty("Users").EnumerateArray().Single(user => user.GetProperty("Email").GetString() == "bob@example.com").GetProperty("Id").GetGuid();
        (await _portal.Get<FactorService>().FindAsync(bob, Token)).ShouldNotBeNull().HasAuthenticator.ShouldBeTrue();
        (await _portal.Get<ApiTokenService>().FindAsync(_release.Manifest.GetProperty("ApiToken").GetString(), "198.51.100.1", Token)).Caller.ShouldNotBeNull();
    }

    [Fact]
    public async Task Upgrade_Attempts_GoOnWhereTheyWere()
    {
        (await _portal.ReadAttemptAsync(_release.Id("Attempts", "Received"))).State.ShouldBe(AttemptState.CodeReceived);
        (await _portal.ReadAttemptAsync(_release.Id("Attempts", "Deciding"))).State.ShouldBe(AttemptState.AwaitingDecision);

        await _portal.Provisioner.ExchangeAsync(_release.Id("Attempts", "Received"));
        (await _portal.Consents.DecideAsync(_release.Id("Attempts", "Deciding"), true, Actor.Portal, Token)).Succeeded.ShouldBeTrue();
        await _portal.Provisioner.ExchangeAsync(_release.Id("Attempts", "Deciding"));

        (await _portal.ReadAttemptAsync(_release.Id("Attempts", "Received"))).State.ShouldBe(AttemptState.Active);
        (await _portal.ReadAttemptAsync(_release.Id("Attempts", "Deciding"))).State.ShouldBe(AttemptState.Active);
        _portal.Platform.Created.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Upgrade_WaitingJob_RunsToItsEnd()
    {
        var job = _release.Id("Jobs", "Waiting");

        await _portal.Get<BulkJobRunner>().RunAsync(job, Token);

        var view = (await _portal.Get<BulkJobService>().FindAsync(job, Token)).ShouldNotBeNull();
        (view.State, view.Failed).ShouldBe((JobState.Done, 0));
        view.Succeeded.ShouldBe(20);
    }

    [Fact]
    public async Task Upgrade_SecondStart_ChangesNothing()
    {
        await using var before = _portal.OpenDatabase();
        var lines = await before.Activity.CountAsync(Token);
        await using var again = _portal.Another(settings: _release.Settings);

        await FirstRelease.UpgradeAsync(again);

        await using var after = again.OpenDatabase();
        (await after.Activity.CountAsync(Token)).ShouldBe(lines);
        (await after.Instances.CountAsync(row => row.State == InstanceState.Active, Token)).ShouldBeGreaterThan(40);
    }
}
