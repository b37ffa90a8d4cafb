using System.Text;
using System.Text.Json;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Jobs;

public sealed class InstanceExportTests
{
    private const string Header =
        "platformId,name,tags,elementKey,elementName,accountServer,state,platformAccount,createdAt,lastCheckedAt,refreshedAt,legacyKey,portalId";

    private static readonly Actor Somebody = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    [Fact]
    public async Task Csv_Rows_AreAsTheRfcHasThem()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(2, (row, i) =>
        {
            row.Name = i == 0 ? "Büro \"Müller\", Berlin" : "Plain";
            row.Tags = i == 0 ? ["north", "west"] : [];
            row.AccountServer = i == 0 ? TestPortal.Server : null;
            row.RefreshedAt = i == 0 ? new DateTimeOffset(2026, 2, 28, 9, 30, 1, TimeSpan.Zero) : null;
            row.HasLegacyKey = i == 0;
        });

        var csv = await WriteAsync(portal, ids, ExportFormat.Csv);

        csv.ShouldBe(
            Header + "\r\n"
            + $"1000,\"Büro \"\"Müller\"\", Berlin\",\"north, west\",{ElementKey.Rest},Infusionsoft REST,{TestPortal.Server},Active,Staging,2026-03-01T12:00:00Z,2026-03-01T12:00:00Z,2026-02-28T09:30:01Z,true,{ids[0]}\r\n"
            + $"1001,Plain,,{ElementKey.Rest},Infusionsoft REST,,Active,Staging,2026-03-01T12:00:00Z,2026-03-01T12:00:00Z,,false,{ids[1]}\r\n");
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://evil.example\")")]
    [InlineData("+1+1")]
    [InlineData("-2+3")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1")]
    [InlineData("\r=1")]
    public async Task Csv_CellThatASpreadsheetWouldWorkOut_IsDefused(string evil)
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(1, (row, _) =>
        {
            row.Name = evil;
            row.Tags = [evil];
        });

        var csv = await WriteAsync(portal, ids, ExportFormat.Csv);

        var quoted = $"\"'{evil.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        csv.ShouldStartWith($"{Header}\r\n1000,{quoted},{quoted},", Case.Sensitive);
    }

    [Fact]
    public async Task Json_Rows_AreAnArrayOfObjects()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(2, (row, i) =>
        {
            row.Name = "=1+1";
            row.RefreshedAt = i == 0 ? portal.Clock.GetUtcNow() : null;
        });

        using var json = JsonDocument.Parse(await WriteAsync(portal, ids, ExportFormat.Json));

        var rows = json.RootElement.EnumerateArray().ToList();
        rows.Count.ShouldBe(2);
        string.Join(',', rows[0].EnumerateObject().Select(property => property.Name)).ShouldBe(Header);
        // Programs read it: nothing is prefixed here.
        rows[0].GetProperty("name").GetString().ShouldBe("=1+1");
        rows[0].GetProperty("platformId").GetInt64().ShouldBe(1000);
        rows[0].GetProperty("tags").EnumerateArray().Single().GetString().ShouldBe("docs");
        rows[0].GetProperty("portalId").GetGuid().ShouldBe(ids[0]);
        rows[1].GetProperty("refreshedAt").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Json)]
    public async Task Export_PlantedSecrets_AreNotInIt(ExportFormat format)
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(3);
        List<string> secrets = ["planted-element-token-0", "org-secret", "user-secret"];
        await using (var db = portal.OpenDatabase())
        {
            // Nor as they lie in the database.
            secrets.AddRange((await db.Instances.AsNoTracking().ToListAsync(Token)).Select(row => row.Token.Ciphertext));
            var account = await db.Accounts.AsNoTracking().SingleAsync(Token);
            secrets.AddRange([account.OrganizationSecret.Ciphertext, account.UserSecret.Ciphertext]);
        }

        var text = await WriteAsync(portal, ids, format);

        foreach (var secret in secrets) text.ShouldNotContain(secret);
    }

    [Fact]
    public async Task Export_DeletedMeanwhile_IsLeftOut()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(3);
        var id = await StartAsync(portal, ids);
        (await portal.Get<InstanceService>().DeleteAsync(ids[1], "Number 1", await portal.SignInAsync(Somebody), Token)).Succeeded.ShouldBeTrue();

        var csv = await WriteAsync(portal, id, ExportFormat.Csv);

        csv.Split("\r\n").Skip(1).Select(line => line.Split(',')[0]).ShouldBe(["1000", "1002", ""]);
    }

    [Theory]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Json)]
    public async Task Export_TenThousandRows_LeaveBitByBit(ExportFormat format)
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddInstancesAsync(10_000);
        var id = (await portal.Get<BulkJobService>().StartAsync(InstanceSelection.Matching(new InstanceListQuery()), JobKind.Export, [], Somebody, Token)).Value;
        await using var output = new MeasuringStream();

        await portal.Get<InstanceExport>().WriteAsync(id, format, output, Token);

        output.Total.ShouldBeGreaterThan(1_000_000);
        output.Largest.ShouldBeLessThan(256 * 1024);
        output.WroteSynchronously.ShouldBeFalse();
        output.Newlines.ShouldBeGreaterThanOrEqualTo(10_000);
    }

    [Fact]
    public async Task BeginAsync_Export_NamesTheFileAndIsRecorded()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(2);
        var id = await StartAsync(portal, ids);
        var export = portal.Get<InstanceExport>();

        (await export.BeginAsync(id, ExportFormat.Csv, Somebody, Token)).Value.ShouldBe(new ExportFile("instances-2026-03-01.csv", "text/csv; charset=utf-8"));
        (await export.BeginAsync(id, ExportFormat.Json, Somebody, Token)).Value.Name.ShouldBe("instances-2026-03-01.json");

        var lines = (await portal.Get<ActivityService>().ListAsync(new ActivityQuery { Action = ActivityAction.Exported }, Token)).Lines;
        lines.Select(line => (line.PersonName, line.JobId, line.Detail)).ShouldBe([(Somebody.Name, id, "2 instances. JSON"), (Somebody.Name, id, "2 instances. CSV")]);
    }

    [Fact]
    public async Task BeginAsync_NoExport_SaysSo()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(1);
        var other = (await portal.Get<BulkJobService>().StartAsync(InstanceSelection.Of(ids), JobKind.Validate, [], Somebody, Token)).Value;
        var export = portal.Get<InstanceExport>();

        (await export.BeginAsync(other, ExportFormat.Csv, Somebody, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await export.BeginAsync(Guid.NewGuid(), ExportFormat.Csv, Somebody, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    private static async Task<Guid> StartAsync(TestPortal portal, IReadOnlyList<Guid> ids) =>
        (await portal.Get<BulkJobService>().StartAsync(InstanceSelection.Of(ids), JobKind.Export, [], Somebody, Token)).Value;

    private static async Task<string> WriteAsync(TestPortal portal, IReadOnlyList<Guid> ids, ExportFormat format) =>
        await WriteAsync(portal, await StartAsync(portal, ids), format);

    private static async Task<string> WriteAsync(TestPortal portal, Guid id, ExportFormat format)
    {
        await using var output = new MemoryStream();
        await portal.Get<InstanceExport>().WriteAsync(id, format, output, Token);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>Keeps nothing, and remembers how it was written to.</summary>
    private sealed class MeasuringStream : Stream
    {
        public long Total { get; private set; }

        public int Largest { get; private set; }

        public int Newlines { get; private set; }

        public bool WroteSynchronously { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => WroteSynchronously = true;

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => WroteSynchronously = true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Total += buffer.Length;
            Largest = Math.Max(Largest, buffer.Length);
            Newlines += buffer.Span.Count((byte)'\n');
            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
