using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Maintenance;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Tests.Keys;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Secret = AdminPortal.Domain.Secrets.Secret;

namespace AdminPortal.Provisioning.Tests.Maintenance;

/// <summary>The start step that seals the first release's secrets for their origins.</summary>
public sealed class SecretResealingTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private TestPortal _upgraded = null!;
    private List<string> _expected = null!;
    private int _former;

    public async ValueTask InitializeAsync()
    {
        _portal = await RotationTest.SeedAsync();
        _ = await _portal.AddAppAsync("Unused app");
        _expected = [.. (await _portal.OpenAllAsync()).Where(value => !value.StartsWith(nameof(SecretKind.ClientSecret), StringComparison.Ordinal))];
        _former = await _portal.MakeFormerAsync();
        // A process that has not opened the record's key yet.
        _upgraded = _portal.Another();
    }

    public async ValueTask DisposeAsync()
    {
        await _upgraded.DisposeAsync();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task Run_FirstReleasesDatabase_SealsEveryValueForItsOrigin()
    {
        await _upgraded.Get<SecretResealing>().RunAsync(Token);

        (await _upgraded.OpenAllAsync()).Where(value => !value.StartsWith(nameof(SecretKind.ClientSecret), StringComparison.Ordinal)).ShouldBe(_expected);
        var step = await ReadStepAsync();
        (step.Done, step.Unreadable).ShouldBe((_former, 0L));
        step.CompletedAt.ShouldNotBeNull();
        await using var db = _upgraded.OpenDatabase();
        (await ActivityCheck.RunAsync(db, _upgraded.Get<ActivityKey>().Open, Token)).ShouldNotBeNull().Break.ShouldBeNull();
    }

    [Fact]
    public async Task Run_FirstReleasesDatabase_AllowsAppsWhereTheyWereUsedAndListsThem()
    {
        await _upgraded.Get<SecretResealing>().RunAsync(Token);

        await using var db = _upgraded.OpenDatabase();
        var apps = await db.ProviderApps.OrderBy(app => app.Name).ToListAsync(Token);
        _upgraded.Secrets.OpenClientSecret(apps.Single(app => app.Name == "Keap app")).ShouldBe("client-secret");
        var unused = apps.Single(app => app.Name == "Unused app");
        unused.Origins.ShouldBeEmpty();
        _upgraded.Secrets.Open(unused.ClientSecretOf, SecretOrigin.Nowhere).ShouldBe("client-secret");
        var lines = await _upgraded.ReadActivityAsync();
        var allowed = lines.Single(line => line.Action == ActivityAction.ProviderAppOriginAllowed);
        (allowed.Subject, allowed.PersonId).ShouldBe(("Keap app", null));
        allowed.Detail.ShouldNotBeNull().ShouldContain(StagingSecrets.Origin.Text);
        lines.Single(line => line.Action == ActivityAction.SecretsResealed).Detail.ShouldNotBeNull().ShouldContain((await ReadStepAsync()).Backup.ShouldNotBeNull());
    }

    [Fact]
    public async Task Run_AppOfADraftOnly_IsNotAllowed()
    {
        RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "UPDATE Attempts SET State = 'Draft'; UPDATE Instances SET ProviderAppId = NULL, AttemptId = NULL");

        await _upgraded.Get<SecretResealing>().RunAsync(Token);

        await using var db = _upgraded.OpenDatabase();
        (await db.ProviderAppOrigins.CountAsync(Token)).ShouldBe(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(35)]
    public async Task Run_KilledInTheMiddle_GoesOnAtTheNextStart(int seals)
    {
        var killed = new KilledBox(_upgraded.Secrets, seals);
        _ = await Should.ThrowAsync<Exception>(() => Step(_upgraded, killed).RunAsync(Token));
        (await ReadStepAsync()).CompletedAt.ShouldBeNull();

        await using var restarted = _portal.Another();
        await Step(restarted, restarted.Secrets).RunAsync(Token);

        (await restarted.OpenAllAsync()).Where(value => !value.StartsWith(nameof(SecretKind.ClientSecret), StringComparison.Ordinal)).ShouldBe(_expected);
        (await ReadStepAsync()).Done.ShouldBe(_former, "No value is counted twice, and none is left out.");
        Backups().ShouldHaveSingleItem();
        (await restarted.ReadActivityAsync()).Count(line => line.Action == ActivityAction.SecretsResealed).ShouldBe(1);
    }

    [Fact]
    public async Task Run_TwoStartsAtOnce_DoItOnce()
    {
        await using var other = _portal.Another();

        await Task.WhenAll(
            Task.Run(() => Step(_upgraded, _upgraded.Secrets).RunAsync(Token), Token),
            Task.Run(() => Step(other, other.Secrets).RunAsync(Token), Token));

        (await other.OpenAllAsync()).Where(value => !value.StartsWith(nameof(SecretKind.ClientSecret), StringComparison.Ordinal)).ShouldBe(_expected);
        (await ReadStepAsync()).Done.ShouldBe(_former);
        Backups().ShouldHaveSingleItem();
        (await other.ReadActivityAsync()).Count(line => line.Action == ActivityAction.SecretsResealed).ShouldBe(1);
    }

    [Fact]
    public async Task Run_ValueThatDoesNotOpen_GoesToTheQuarantineAndStays()
    {
        RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "UPDATE Accounts SET UserSecret = 'damaged'");

        await _upgraded.Get<SecretResealing>().RunAsync(Token);

        var step = await ReadStepAsync();
        (step.Done, step.Unreadable).ShouldBe((_former - 1, 1L));
        await using var db = _upgraded.OpenDatabase();
        var entry = await db.QuarantinedSecrets.SingleAsync(Token);
        (entry.Table, entry.Column, entry.Name, entry.Reason).ShouldBe(("Accounts", "UserSecret", "Staging", QuarantineReason.DoesNotOpen));
        (await db.Accounts.SingleAsync(Token)).UserSecret.Ciphertext.ShouldBe("damaged");
        (await _upgraded.ReadActivityAsync()).Single(line => line.Action == ActivityAction.SecretsResealed).Succeeded.ShouldBeFalse();
    }

    [Fact]
    public async Task Run_AttemptWithoutItsAccount_IsErased()
    {
        RawDatabase.Run(
            RawDatabase.FileOf(_portal.DataDirectory), "PRAGMA foreign_keys = OFF; UPDATE Attempts SET PlatformAccountId = '00000000-0000-7000-8000-000000000001' WHERE Code IS NOT NULL");

        await _upgraded.Get<SecretResealing>().RunAsync(Token);

        await using var db = _upgraded.OpenDatabase();
        var attempt = await db.Attempts.SingleAsync(row => row.PlatformAccountId == Guid.Parse("00000000-0000-7000-8000-000000000001"), Token);
        attempt.SealedConfiguration.ShouldBeEmpty();
        (await ReadStepAsync()).Unreadable.ShouldBe(0);
    }

    [Fact]
    public async Task Run_Backup_HoldsTheDatabaseFromBefore()
    {
        await _upgraded.Get<SecretResealing>().RunAsync(Token);

        var backup = Backups().ShouldHaveSingleItem();
        Path.GetFileName(backup).ShouldBe((await ReadStepAsync()).Backup);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var token = RawDatabase.Run(backup, "SELECT Token FROM Instances ORDER BY Number LIMIT 1").ShouldBeOfType<string>();
        var id = Guid.Parse((string)RawDatabase.Run(backup, "SELECT Id FROM Instances ORDER BY Number LIMIT 1")!);
        new FormerSecretBox(_upgraded.Get<IDataProtectionProvider>()).Find(new Secret(SecretKind.InstanceToken, id, new Sealed(token))).ShouldBe(InstanceSeed.ElementToken);
    }

    [Fact]
    public async Task Run_NewDatabase_IsDoneAtOnceWithoutABackup()
    {
        await using var fresh = await TestPortal.StartAsync(prepare: false);

        await fresh.Get<SecretResealing>().RunAsync(Token);

        await using var db = fresh.OpenDatabase();
        var step = await db.StartSteps.SingleAsync(Token);
        (step.CompletedAt is not null, step.Backup).ShouldBe((true, null));
        Directory.GetFiles(fresh.DataDirectory, "*.before-*").ShouldBeEmpty();
        (await db.Activity.CountAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Run_FormerValueAfterCompletion_IsNotSealedAgainAndDoctorTells()
    {
        await _upgraded.Get<SecretResealing>().RunAsync(Token);
        await using var db = _upgraded.OpenDatabase();
        var account = await db.Accounts.SingleAsync(Token);
        RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), $"UPDATE Accounts SET UserSecret = '{_portal.SealFormer(SecretKind.UserSecret, account.Id, "put back")}'");

        await using var restarted = _portal.Another(Examined, environment: "Development");
        await restarted.Get<SecretResealing>().RunAsync(Token);

        await using var after = restarted.OpenDatabase();
        _ = Should.Throw<SecretUnreadableException>(() => restarted.Secrets.Open(after.Accounts.AsNoTracking().Single().UserSecretOf));
        (await DoctorAsync(restarted)).ShouldContain(finding => finding.Level == FindingLevel.Problem && finding.Text.StartsWith("1 stored secrets have the first release's form", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_BeforeTheStep_SaysThatTheNextStartDoesIt()
    {
        await using var examined = _portal.Another(Examined, environment: "Development");

        var findings = await DoctorAsync(examined);

        findings.ShouldContain(finding => finding.Level == FindingLevel.Warning && finding.Text.StartsWith($"{_former} stored secrets are not sealed for their origin yet", StringComparison.Ordinal));
        findings.Where(finding => finding.Level == FindingLevel.Problem && finding.Topic != "clock").Select(finding => finding.Text).ShouldBeEmpty();
    }

    private static void Examined(Microsoft.Extensions.DependencyInjection.IServiceCollection services) => services.AddMaintenance();

    private static async Task<List<Finding>> DoctorAsync(TestPortal portal)
    {
        List<Finding> findings = [];
        await foreach (var finding in portal.Get<Doctor>().ExamineAsync(offline: true, Token)) findings.Add(finding);
        return findings;
    }

    private static SecretResealing Step(TestPortal portal, ISecretBox box) => new(
        portal.Get<IDbContextFactory<PortalDb>>(), portal.Get<IDataProtectionProvider>(), box, portal.Get<IOptions<PortalOptions>>(),
        portal.Get<IHostEnvironment>(), portal.Clock, portal.Get<IStringLocalizer<ProvisioningText>>(), portal.Get<ILogger<SecretResealing>>()) { BatchSize = 5 };

    private string[] Backups() => Directory.GetFiles(_portal.DataDirectory, "*.before-resealing*");

    private async Task<StartStep> ReadStepAsync()
    {
        await using var db = _portal.OpenDatabase();
        return await db.StartSteps.AsNoTracking().SingleAsync(Token);
    }

    /// <summary>Ends the step after so many values, as a kill between two of them would.</summary>
    private sealed class KilledBox(ISecretBox box, int seals) : ISecretBox
    {
        private int _sealed;

        public Sealed Seal(SecretKind kind, Guid row, SecretOrigin destination, string value) =>
            Interlocked.Increment(ref _sealed) > seals ? throw new InvalidOperationException("Killed.") : box.Seal(kind, row, destination, value);

        public string Open(Secret secret, SecretOrigin destination) => box.Open(secret, destination);
    }
}
