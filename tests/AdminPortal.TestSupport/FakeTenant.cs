using System.Globalization;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;

namespace AdminPortal.TestSupport;

/// <summary>
/// A tenant behind a <see cref="FakePlatform"/>: it lists its instances by id, a few on each page. The cursor is the last id, or the number of
/// instances in front of the page where it pages by offset.
/// </summary>
public sealed class FakeTenant
{
    private readonly int _pageSize;
    private readonly bool _byOffset;

    public FakeTenant(FakePlatform platform, int pageSize = 3, bool counts = true, bool byOffset = false)
    {
        _pageSize = pageSize;
        _byOffset = byOffset;
        platform.OnGet = id => Instances.TryGetValue(id, out var instance)
            ? new PlatformOutcome<PlatformInstance>.Success(instance, "get-1")
            : FakePlatform.Refuse<PlatformInstance>(404, "No element instance found");
        platform.OnList = (_, cursor) => List(cursor);
        platform.OnCount = () => counts ? new PlatformOutcome<long>.Success(Instances.Count, "count-1") : FakePlatform.Refuse<long>(404);
    }

    public SortedDictionary<long, PlatformInstance> Instances { get; } = [];

    /// <summary>Instances that the platform has and does not list.</summary>
    public HashSet<long> Hidden { get; } = [];

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
        if (_byOffset) return ListFrom(cursor is null ? 0 : int.Parse(cursor, CultureInfo.InvariantCulture));
        var after = cursor is null ? long.MinValue : long.Parse(cursor, CultureInfo.InvariantCulture);
        var rest = Instances.Values.Where(instance => instance.Id > after && !Hidden.Contains(instance.Id)).Take(_pageSize + 1).ToList();
        var next = rest.Count > _pageSize ? rest[_pageSize - 1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([.. rest.Take(_pageSize)], next), "list-1");
    }

    private PlatformOutcome<PlatformInstancePage> ListFrom(int offset)
    {
        var rows = Instances.Values.Where(instance => !Hidden.Contains(instance.Id)).Skip(offset).Take(_pageSize).ToList();
        var next = offset + rows.Count < Instances.Count ? (offset + rows.Count).ToString(CultureInfo.InvariantCulture) : null;
        return new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage(rows, rows.Count == 0 ? null : next), "list-1");
    }
}
