using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Record;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>Rows of the activity record, and what doctor says about them.</summary>
internal static class RecordRows
{
    /// <summary>The commands, in a portal that may make keys.</summary>
    public static void AddCommands(IServiceCollection services) =>
        services.AddSingleton<RestoreService>().AddSingleton<RecordAcceptance>().AddSingleton<RecordAnchorCommand>();

    public static async Task WriteAsync(TestPortal portal, int rows)
    {
        await using var db = portal.OpenDatabase();
        for (var i = 0; i < rows; i++) db.Note(InstanceSeed.Ada, portal.Clock.GetUtcNow(), ActivityAction.InstanceDeleted, $"Row {i}");
        _ = await db.SaveChangesAsync(Token);
    }

    public static async Task<int> CountAsync(TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Activity.CountAsync(Token);
    }

    /// <summary>The problems of the record and of the key ring.</summary>
    public static async Task<List<string>> ProblemsAsync(TestPortal portal, string? against = null) =>
        [.. (await ExamineAsync(portal, against)).Where(finding => finding.Level == FindingLevel.Problem && finding.Topic is "activity record" or "key ring").Select(finding => finding.Text)];

    public static async Task<List<Finding>> ExamineAsync(TestPortal portal, string? against = null)
    {
        var doctor = ActivatorUtilities.CreateInstance<Doctor>(portal.Get<IServiceProvider>());
        List<Finding> findings = [];
        await foreach (var finding in doctor.ExamineAsync(offline: true, Token, against)) findings.Add(finding);
        return findings;
    }
}
