using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>
/// The entries of one moment. Data Protection reads its repository anew once a day, and makes a new key where none opens
/// any more, as after a change of certificates that has not reached this process: what was read once stays as it was.
/// </summary>
internal sealed class KeyRingSnapshot(IReadOnlyList<XElement> elements, KeyRingStore store) : IXmlRepository
{
    private readonly Lock _gate = new();
    private readonly List<XElement> _elements = [.. elements];

    /// <inheritdoc />
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_gate) return [.. _elements.Select(element => new XElement(element))];
    }

    /// <inheritdoc />
    public void StoreElement(XElement element, string friendlyName)
    {
        store.StoreElement(element, friendlyName);
        lock (_gate) _elements.Add(new XElement(element));
    }
}
