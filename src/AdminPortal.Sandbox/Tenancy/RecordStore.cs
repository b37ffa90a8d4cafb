using System.Globalization;
using System.Text.Json.Nodes;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>
/// The provider's records behind each instance: a few made-up ones, the same for the same instance, and what calls make of them. In
/// memory alone. An instance whose records nobody changed takes no room.
/// </summary>
internal sealed class RecordStore(SandboxClock clock)
{
    public const int InitialRecords = 25;

    /// <summary>The most records of one instance.</summary>
    public const int MostRecords = 1_000;

    private static readonly string[] FirstNames = ["Ada", "Björn", "Chloé", "Dmitri", "Elif", "Françoise", "Grace", "Håkon", "Inés", "José"];
    private static readonly string[] LastNames = ["Lovelace", "Ångström", "Müller", "Nowak", "O'Neill", "Smith", "Yılmaz"];

    private readonly Lock _gate = new();
    private readonly Dictionary<long, SortedDictionary<long, JsonObject>> _changed = [];

    /// <summary>All records by id, as copies.</summary>
    public IReadOnlyList<JsonObject> All(Instance instance)
    {
        lock (_gate)
            return [.. Of(instance).Values.Select(Copy)];
    }

    public JsonObject? Find(Instance instance, long id)
    {
        lock (_gate)
            return Of(instance).TryGetValue(id, out var record) ? Copy(record) : null;
    }

    /// <returns>The record with its id; null when there are too many already.</returns>
    public JsonObject? Add(Instance instance, JsonObject fields)
    {
        lock (_gate)
        {
            var records = Changed(instance);
            if (records.Count >= MostRecords)
                return null;
            var record = Copy(fields);
            var id = Math.Max(InitialRecords, records.Count == 0 ? 0 : records.Keys.Last()) + 1;
            record["id"] = id;
            record["creation_date"] = Moment(clock.GetUtcNow());
            record["modification_date"] = Moment(clock.GetUtcNow());
            records[id] = record;
            return Copy(record);
        }
    }

    /// <returns>The record after the change; null when there is none of this id.</returns>
    public JsonObject? Change(Instance instance, long id, JsonObject fields)
    {
        lock (_gate)
        {
            if (!Changed(instance).TryGetValue(id, out var record))
                return null;
            foreach (var (name, value) in fields)
                record[name] = value?.DeepClone();
            record["id"] = id;
            record["modification_date"] = Moment(clock.GetUtcNow());
            return Copy(record);
        }
    }

    public bool Remove(Instance instance, long id)
    {
        lock (_gate)
            return Changed(instance).Remove(id);
    }

    /// <summary>The instance is deleted.</summary>
    public void Forget(long instanceId)
    {
        lock (_gate)
            _changed.Remove(instanceId);
    }

    private SortedDictionary<long, JsonObject> Of(Instance instance) => _changed.GetValueOrDefault(instance.Id) ?? Initial(instance);

    private SortedDictionary<long, JsonObject> Changed(Instance instance)
    {
        if (!_changed.TryGetValue(instance.Id, out var records))
            _changed[instance.Id] = records = Initial(instance);
        return records;
    }

    private static SortedDictionary<long, JsonObject> Initial(Instance instance)
    {
        var random = new SeededNumbers(instance.Id);
        var orders = ElementCatalog.Find(instance.ElementKey)!.Resource == "orders";
        var records = new SortedDictionary<long, JsonObject>();
        for (var id = 1L; id <= InitialRecords; id++)
        {
            var (first, last) = (FirstNames[random.Below(FirstNames.Length)], LastNames[random.Below(LastNames.Length)]);
            var record = new JsonObject { ["id"] = id };
            if (orders)
            {
                record["title"] = string.Create(CultureInfo.InvariantCulture, $"Order {id} of {first} {last}");
                record["status"] = random.Below(4) == 0 ? "DRAFT" : "PAID";
                record["total"] = random.Below(100_000) / 100m;
            }
            else
            {
                record["first_name"] = first;
                record["last_name"] = last;
                record["email"] = string.Create(CultureInfo.InvariantCulture, $"contact{id}@example.com");
            }

            record["creation_date"] = Moment(instance.CreatedDate + TimeSpan.FromMinutes(id));
            record["modification_date"] = Moment(instance.CreatedDate + TimeSpan.FromMinutes(id));
            records[id] = record;
        }

        return records;
    }

    private static JsonObject Copy(JsonObject record) => record.DeepClone().AsObject();

    private static string Moment(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
