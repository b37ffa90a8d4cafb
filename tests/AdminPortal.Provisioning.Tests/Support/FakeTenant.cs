using System.Globalization;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Platform;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>A tenant behind a <see cref="FakePlatform"/>: it lists its instances by id, a few on each page, with the last id as the cursor.</summary>
internal sealed class FakeTenant
{
    private readonly int _pageSize;

    public FakeTenant(FakePlatform platform, int pageSize = 3, bool counts = true)
    {
        _pageSize = pageSize;
        platform.OnList = (_, cursor) => List(cursor);
        platform.OnCount = () => counts ? new PlatformOutcome<long>.Success(Instances.Count, "count-1") : FakePlatform.Refuse<long>(404);
    }

    public SortedDictionary<long, PlatformInstance> Instances { get; } = [];

    /// <summary>Called before each page with its cursor; an answer stands in for the page.</summary>
    public Func<string?, PlatformOutcome<PlatformInstancePage>?> BeforePage { get; set; } = _ => null;

    public static string TokenOf(long id) => string.Create(CultureInfo.InvariantCulture, $"element-token-{id}");

    public PlatformInstance Add(
        long id, string? name = null, string? element = ElementKey.Rest, string[]? tags = null, bool disabled = false, bool valid = true, string? server = null) =>
        Instances[id] = new PlatformInstance(
            id, name ?? string.Create(CultureInfo.InvariantCulture, $"Instance {id}"), TokenOf(id), element, tags ?? [], valid, disabled, null,
            server is null ? new Dictionary<string, string?>() : new Dictionary<string, string?> { [ElementCatalog.ServerKey] = server });

    public void Add(IEnumerable<int> ids)
    {
        foreach (var id in ids) Add(id);
    }

    private PlatformOutcome<PlatformInstancePage> List(string? cursor)
    {
        if (BeforePage(cursor) is { } instead) return instead;
        var after = cursor is null ? long.MinValue : long.Parse(cursor, CultureInfo.InvariantCulture);
        var rest = Instances.Values.Where(instance => instance.Id > after).Take(_pageSize + 1).ToList();
        var next = rest.Count > _pageSize ? rest[_pageSize - 1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([.. rest.Take(_pageSize)], next), "list-1");
    }
}
