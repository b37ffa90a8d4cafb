using System.Globalization;
using System.Text;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.SingleSignOn;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Maintenance;

public sealed class DoctorTests : IAsyncLifetime
{
    private TestPortal _portal = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(environment: "Development");
        // Files have the times of the real clock.
        _portal.Clock.Advance(TimeProvider.System.GetUtcNow() - _portal.Clock.GetUtcNow());
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Examine_HealthyPortal_FindsNoProblem()
    {
        _ = await _portal.AddInstancesAsync(3);
        _ = await _portal.AddDraftAsync();
        (await _portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(RawDatabase.FileOf(_portal.DataDirectory), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var before = await File.ReadAllBytesAsync(RawDatabase.FileOf(_portal.DataDirectory), Token);

        var findings = await ExamineAsync();

        findings.ShouldNotContain(finding => finding.Level == FindingLevel.Problem);
        findings.ShouldContain(finding => finding.Topic == "secrets" && finding.Text.Contains("All 10", StringComparison.Ordinal));
        findings.Where(finding => finding.Level == FindingLevel.Warning).Select(finding => finding.Topic).ShouldBe(["activity record", "backups"]);
        findings.ShouldAllBe(finding => finding.Level == FindingLevel.Ok || finding.Remedy != null);
        (await File.ReadAllBytesAsync(RawDatabase.FileOf(_portal.DataDirectory), Token)).ShouldBe(before);
    }

    [Fact]
    public async Task Examine_SecretsThatDoNotOpen_NamesTheRowsAndNoValue()
    {
        var ids = await _portal.AddInstancesAsync(3);
        (await _portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "UPDATE Instances SET Token = 'planted-garbage' WHERE PlatformId = 1001");

        var finding = (await ExamineAsync()).Single(finding => finding.Level == FindingLevel.Problem);

        finding.Topic.ShouldBe("secrets");
        finding.Text.ShouldContain("1 of 7");
        finding.Text.ShouldContain($"InstanceToken of instance {ids[1]} \"Number 1\"");
        finding.Text.ShouldNotContain("planted");
    }

    [Fact]
    public async Task Examine_AuthenticatorKeyThatDoesNotOpen_NamesThePerson()
    {
        var id = Guid.CreateVersion7();
        await using (var db = _portal.OpenDatabase())
        {
            db.Users.Add(new PortalUser { Id = id, UserName = "ada@example.com", AuthenticatorKey = _portal.Secrets.Seal(SecretKind.AuthenticatorKey, id, "PLANTEDKEY") });
            await db.SaveChangesAsync(Token);
        }

        (await _portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        (await ExamineAsync()).ShouldContain(finding => finding.Topic == "secrets" && finding.Level == FindingLevel.Ok);
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "UPDATE AspNetUsers SET AuthenticatorKey = 'planted-garbage'");

        var finding = (await ExamineAsync()).Single(finding => finding.Level == FindingLevel.Problem);

        finding.Text.ShouldContain($"AuthenticatorKey of person {id} \"ada@example.com\"");
        finding.Text.ShouldNotContain("planted", Case.Insensitive);
        finding.Remedy.ShouldNotBeNull().ShouldContain("reset the second factor");
    }

    [Fact]
    public async Task Examine_KeyRingThatDoesNotOpen_IsAProblem()
    {
        _ = await _portal.AddAccountAsync();
        (await _portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "UPDATE KeyRing SET Xml = '<key/>'");

        (await ExamineAsync()).ShouldContain(finding => finding.Topic == "key ring" && finding.Level == FindingLevel.Problem && finding.Remedy!.Contains("CertificatePath", StringComparison.Ordinal));
        RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "SELECT COUNT(*) FROM KeyRing").ShouldBe(1L);
    }

    [Fact]
    public async Task Examine_StuckAttempts_AreNamed()
    {
        var received = await _portal.AddReceivedAsync(name: "Waits");
        var ambiguous = await _portal.AddAmbiguousAsync();
        var awaiting = await _portal.AddDraftAsync(name: "Never came back");
        _ = await _portal.SendAwayAsync(awaiting);
        var undecided = await AddUndecidedAsync();
        var old = await _portal.AddDraftAsync(name: "Old");
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), $"UPDATE Attempts SET UpdatedAt = 1000 WHERE Id = '{old.ToString().ToUpperInvariant()}'");
        (await ExamineAsync()).ShouldContain(finding => finding.Topic == "attempts" && finding.Level == FindingLevel.Ok);

        _portal.Clock.Advance(TimeSpan.FromHours(1));
        var findings = await ExamineAsync();

        var stuck = findings.Where(finding => finding.Topic == "attempts").ToList();
        stuck.ShouldAllBe(finding => finding.Level == FindingLevel.Problem);
        stuck.ShouldContain(finding => finding.Text.Contains($"have a code that is too old by now: {received} ", StringComparison.Ordinal));
        stuck.ShouldContain(finding => finding.Text.Contains(ambiguous.ToString(), StringComparison.Ordinal));
        stuck.ShouldContain(finding => finding.Text.Contains($"1 wait for a consent though the time for it is over: {awaiting} \"Never came back\"", StringComparison.Ordinal));
        stuck.ShouldContain(finding => finding.Text.Contains($"1 wait for a decision though the time for it is over: {undecided} ", StringComparison.Ordinal));
        findings.ShouldContain(finding => finding.Topic == "drafts" && finding.Level == FindingLevel.Ok);
    }

    [Fact]
    public async Task Examine_ClockWasSetBack_IsAProblem()
    {
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        _ = await _portal.AddDraftAsync();
        _portal.Clock.AdjustTime(_portal.Clock.GetUtcNow() - TimeSpan.FromHours(1));

        (await ExamineAsync()).ShouldContain(finding => finding.Topic == "clock" && finding.Level == FindingLevel.Problem);
    }

    [Theory]
    [InlineData(true, false, FindingLevel.Ok, "Leave local sign-in on")]
    [InlineData(false, false, FindingLevel.Warning, "local sign-in is off")]
    [InlineData(false, true, FindingLevel.Ok, "An administrator has come")]
    public async Task Examine_SingleSignOn_TellsBeforeEverybodyIsLockedOut(bool passwords, bool hasCome, FindingLevel level, string words)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Portal:SingleSignOn:Authority"] = "https://login.example.com",
            ["Portal:SingleSignOn:ClientId"] = "portal",
            ["Portal:SingleSignOn:ClientSecret"] = "secret",
            ["Portal:SingleSignOn:Roles:Administrator:0"] = "admins",
            ["Portal:LocalSignIn:Enabled"] = passwords.ToString(),
        };
        await using var portal = await TestPortal.StartAsync(settings: settings);
        if (hasCome)
            _ = (await portal.Get<SingleSignOnPeople>().ArriveAsync(new ExternalIdentity("https://login.example.com", "ada", "ada@example.com", true, Role.Administrator), null, null, Token)).Value;

        await using var doctor = portal.Another(services => services.AddMaintenance(), settings);
        var finding = (await ExamineAsync(doctor)).Single(finding => finding.Topic == "signing in");

        finding.Level.ShouldBe(level);
        finding.Text.ShouldContain(words);
    }

    [Fact]
    public async Task Examine_UnreadableRows_AreNamed()
    {
        var ids = await _portal.AddInstancesAsync(2);
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "UPDATE Instances SET State = 'Bewildered' WHERE PlatformId = 1000");

        (await ExamineAsync()).Single(finding => finding.Topic == "rows").ShouldSatisfyAllConditions(
            finding => finding.Level.ShouldBe(FindingLevel.Problem),
            finding => finding.Text.ShouldContain(ids[0].ToString()));
    }

    [Theory]
    [InlineData("UPDATE Attempts SET TargetInstanceId = 'spoiled'", "Attempts", "TargetInstanceId")]
    [InlineData("UPDATE Attempts SET CreatedBy = x'0102'", "Attempts", "CreatedBy")]
    [InlineData("UPDATE Instances SET AttemptId = ''", "Instances", "AttemptId")]
    public async Task Examine_IdThatIsNone_NamesTheRowAndLooksOn(string sql, string table, string column)
    {
        var damaged = table == "Attempts" ? await _portal.AddDraftAsync() : (await _portal.AddInstancesAsync(1))[0];
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), sql);

        var findings = await ExamineAsync();

        var rows = findings.Where(finding => finding.Topic == "rows").ToList();
        rows.ShouldAllBe(finding => finding.Level == FindingLevel.Problem);
        rows[0].Text.ShouldBe($"1 hold an id that is none: {table} '{damaged.ToString().ToUpperInvariant()}', column {column}.");
        rows[1].Text.ShouldStartWith("1 cannot be read completely: ");
        findings.ShouldAllBe(finding => finding.Level == FindingLevel.Ok || finding.Remedy != null);
        findings.Select(finding => finding.Topic).ShouldContain("clock");
        findings[^1].Topic.ShouldBe("platforms");
    }

    [Fact]
    public async Task Examine_DamagedDatabase_IsAProblemAndNoException()
    {
        _ = await _portal.AddInstancesAsync(2);
        RawDatabase.Release(_portal.DataDirectory);
        using (var stream = new FileStream(RawDatabase.FileOf(_portal.DataDirectory), FileMode.Open, FileAccess.Write))
        {
            for (var page = 3; page * 4096 < stream.Length; page += 2)
            {
                stream.Position = page * 4096;
                stream.Write(new byte[1024]);
            }
        }

        (await ExamineAsync()).ShouldContain(finding => finding.Topic == "database" && finding.Level == FindingLevel.Problem);
    }

    [Fact]
    public async Task Examine_NoDatabase_IsAProblemAndMakesNone()
    {
        RawDatabase.Release(_portal.DataDirectory);
        File.Delete(RawDatabase.FileOf(_portal.DataDirectory));

        (await ExamineAsync())[^1].ShouldSatisfyAllConditions(
            finding => finding.Level.ShouldBe(FindingLevel.Problem),
            finding => finding.Text.ShouldContain("no database"));
        File.Exists(RawDatabase.FileOf(_portal.DataDirectory)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Future', '99.0')")]
    [InlineData("DELETE FROM __EFMigrationsHistory WHERE MigrationId LIKE '%KeyRingCanary'")]
    public async Task Examine_OtherMigrations_AreAProblemAsNothingElseIsLookedAt(string sql)
    {
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), sql);

        var findings = await ExamineAsync();

        findings[^1].ShouldSatisfyAllConditions(
            finding => finding.Topic.ShouldBe("migrations"),
            finding => finding.Level.ShouldBe(FindingLevel.Problem));
    }

    [Fact]
    public async Task Examine_WrongSettings_NamesTheKeys()
    {
        await using var wrong = _portal.Another(services => services.AddMaintenance(), new Dictionary<string, string?> { ["Portal:PublicBaseUrl"] = "" });

        var findings = await ExamineAsync(wrong);

        findings.ShouldHaveSingleItem().Text.ShouldContain("Portal:PublicBaseUrl");
    }

    [Fact]
    public async Task Examine_Platforms_TellsReachabilityAndTheirClock()
    {
        var late = _portal.Clock.GetUtcNow().AddMinutes(-10).ToString("R", CultureInfo.InvariantCulture);
        await using var server = new LoopbackServer(async (stream, stop) =>
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 404 Not Found\r\nDate: {late}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), stop));
        _ = await _portal.Accounts.SaveAsync(new AccountInput { Name = "Local", BaseUrl = server.Url, OrganizationSecret = "o", UserSecret = "u" }, Token);

        var findings = await ExamineAsync(offline: false);
        findings.ShouldContain(finding => finding.Topic == "platform \"Local\"" && finding.Level == FindingLevel.Ok);
        findings.ShouldContain(finding => finding.Topic == "clock" && finding.Level == FindingLevel.Warning && finding.Text.Contains("10 minutes ahead", StringComparison.Ordinal));

        _portal.Platform.OnConfiguration = () => FakePlatform.Refuse<IReadOnlyList<PlatformConfigurationEntry>>(401);
        (await ExamineAsync(offline: false)).ShouldContain(finding => finding.Topic == "platform \"Local\"" && finding.Level == FindingLevel.Problem);
    }

    [Fact]
    public async Task Examine_Backups_TellsOfANightThatHasNone()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string?> { ["Portal:Backup:Directory"] = folder.Path };
        await using var doctor = _portal.Another(services => services.AddMaintenance(), settings);
        (await ExamineAsync(doctor)).Single(finding => finding.Topic == "backups").Level.ShouldBe(FindingLevel.Warning);

        await using (var night = _portal.Another(settings: settings)) _ = await night.Get<NightlyBackups>().RunAsync(Token);
        (await ExamineAsync(doctor)).Single(finding => finding.Topic == "backups").Level.ShouldBe(FindingLevel.Ok);

        _portal.Clock.Advance(TimeSpan.FromDays(2));
        (await ExamineAsync(doctor)).Single(finding => finding.Topic == "backups").Level.ShouldBe(FindingLevel.Problem);
    }

    private async Task<Guid> AddUndecidedAsync()
    {
        var id = await _portal.AddDraftAsync(name: "Other account");
        var state = await _portal.SendAwayAsync(id);
        _ = await _portal.Consents.ReceiveAsync(_portal.Return(state) with { Scope = "full|zt119.infusionsoft.com" }, Token);
        (await _portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingDecision);
        return id;
    }

    private static async Task<List<Finding>> ExamineAsync(TestPortal portal, bool offline = true)
    {
        List<Finding> findings = [];
        await foreach (var finding in portal.Get<Doctor>().ExamineAsync(offline, Token)) findings.Add(finding);
        return findings;
    }

    private async Task<List<Finding>> ExamineAsync(bool offline = true)
    {
        await using var doctor = _portal.Another(services => services.AddMaintenance(), environment: "Development");
        return await ExamineAsync(doctor, offline);
    }
}
