using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>Instances, put straight into the database.</summary>
internal static class InstanceRows
{
    /// <summary>So many instances "Number 0", "Number 1", ... with the platform ids 1000, 1001, ... and the tag "docs".</summary>
    public static async Task<List<Guid>> AddInstancesAsync(this TestPortal portal, int count, Action<ElementInstance, int>? change = null)
    {
        var account = await portal.AddAccountAsync();
        await using var db = portal.OpenDatabase();
        var ids = new List<Guid>();
        var now = portal.Clock.GetUtcNow();
        for (var i = 0; i < count; i++)
        {
            var id = Guid.NewGuid();
            var row = new ElementInstance
            {
                Id = id,
                PlatformAccountId = account,
                PlatformId = 1000 + i,
                ElementKey = ElementKey.Rest,
                Name = $"Number {i}",
                Tags = ["docs"],
                PortalTag = $"portal:{1000 + i}",
                Token = portal.Secrets.Seal(SecretKind.InstanceToken, id, $"planted-element-token-{i}"),
                State = InstanceState.Active,
                CreatedAt = now,
                LastCheckedAt = now,
            };
            change?.Invoke(row, i);
            db.Instances.Add(row);
            ids.Add(id);
        }

        _ = await db.SaveChangesAsync(Token);
        return ids;
    }
}
